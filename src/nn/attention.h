// Attention blocks.
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

// mmdet's ChannelAttention: x * hardsigmoid(fc(mean over H and W)), fc a 1 x 1 convolution.
graph::Value ChannelAttention(const checkpoint::Weights& w, graph::Value x);

// mmyolo's EffectiveSELayer: x * act(fc(mean over H and W)), fc a ConvModule without norm
// (`fc.conv`).
graph::Value EffectiveSeLayer(const checkpoint::Weights& w, graph::Value x, const Activation& act);

// mmyolo's PPYOLOESELayer: conv(x * sigmoid(fc(mean))), fc a 1 x 1 convolution, conv a 1 x 1
// ConvModule. `mean`: that of x over H and W, N x C x 1 x 1, which a level's branches share.
graph::Value PpyoloeSeLayer(const checkpoint::Weights& w, graph::Value x, graph::Value mean,
                            const Style& style);

}  // namespace yoloport::nn
