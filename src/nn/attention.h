// Attention blocks.
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"

namespace yoloport {

// mmdet's ChannelAttention: x * hardsigmoid(fc(mean over H and W)), fc a 1 x 1 convolution.
graph::Value ChannelAttention(const Weights& w, graph::Value x);

}  // namespace yoloport
