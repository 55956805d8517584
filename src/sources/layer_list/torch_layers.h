// Layers of torch.nn as a pickled network has them: geometry and the like come from their
// attributes. All throw CheckpointError at an attribute that is not supported, or does not fit the
// input.
#pragma once

#include "graph/graph.h"
#include "nn/folded_conv.h"
#include "nn/style.h"
#include "sources/layer_list/block.h"

namespace yoloport::sources::layer_list {

// A Conv2d on x. Square kernels only, with the same padding on all sides.
struct Conv2dSpec {
  tensor::Shape shape;  // of the weight
  graph::ConvSpec geometry;
};
Conv2dSpec ReadConv2d(const checkpoint::Module& conv, graph::Value x);
Conv2dSpec ReadConv2d(const checkpoint::Module& conv, std::int64_t in_channels);  // of its input

// Its weight, and its bias if it has one.
nn::FoldedConv TakeConv2d(const Block& conv, const Conv2dSpec& spec);

// A BatchNorm2d behind a convolution of so many channels.
nn::ScaleShift TakeBatchNorm2d(const Block& norm, std::int64_t channels);

// A whole Conv2d, as most heads end with.
graph::Value Conv2d(const Block& conv, graph::Value x);

// An activation without weights, or Identity.
nn::Activation ReadActivation(const checkpoint::Module& activation);

// Upsample: nearest neighbor, by a whole number.
graph::Value Upsample(const checkpoint::Module& layer, graph::Value x);

// MaxPool2d of square kernels.
graph::Value MaxPool2d(const checkpoint::Module& layer, graph::Value x);

// What an attribute such as `kernel_size` says of both sides, which must be equal and in a range:
// 3 or (3, 3).
std::int64_t ReadSquare(const checkpoint::SavedValue& value, std::int64_t low, std::int64_t high);

}  // namespace yoloport::sources::layer_list
