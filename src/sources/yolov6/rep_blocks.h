// YOLOv6's re-parameterized blocks: parallel branches that are one convolution.
#pragma once

#include "graph/graph.h"
#include "nn/folded_conv.h"
#include "sources/layer_list/block.h"
#include "sources/layer_list/torch_layers.h"

namespace yoloport::sources::yolov6 {

// A `conv` and, unless that was merged into it, its `bn`.
nn::FoldedConv TakeConvBn(const layer_list::Block& block, const layer_list::Conv2dSpec& spec);

// RepVGGBlock: 3 x 3, 1 x 1 and the input, each with a norm of its own, or what they were merged to
// (`rbr_reparam`).
graph::Value RepVggBlock(const layer_list::Block& block, graph::Value x);

// QARepVGGBlock and QARepVGGBlockV2: one norm behind the sum, and in the second also the mean of
// 3 x 3 pixels.
graph::Value QaRepVggBlock(const layer_list::Block& block, graph::Value x);

}  // namespace yoloport::sources::yolov6
