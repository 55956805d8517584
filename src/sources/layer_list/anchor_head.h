// What heads say of themselves: the numbers of all, and those of heads with anchors, as the
// repositories of YOLOv5 and YOLOv7 have them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "graph/graph.h"
#include "models/anchor_head.h"
#include "nn/folded_conv.h"
#include "sources/layer_list/block.h"

namespace yoloport::sources::layer_list {

// A whole number of the file. Throws CheckpointError outside of the range.
std::int64_t WholeNumberIn(const checkpoint::SavedValue& value, std::int64_t low,
                           std::int64_t high);

// `nc`, checked.
int ClassesOf(const checkpoint::Module& head);

// Of each level, in pixels; checked.
std::vector<double> StridesOf(const checkpoint::Module& head);

// The largest of them, and at least 32: the programs round sides of images to multiples of that.
int LargestStrideOf(const checkpoint::Module& head);

// Of a head for so many feature maps; throws CheckpointError where it has another number.
std::vector<double> StridesOf(const checkpoint::Module& head, std::size_t inputs);

// `nc`, `na`, `stride` and the anchors of a head for so many feature maps: those of the buffer
// `anchor_grid`, in pixels, or of `anchors`, in strides.
enum class AnchorBuffer { kAnchors, kAnchorGrid };
models::AnchorHead ReadAnchorHead(const Block& head, std::size_t inputs, AnchorBuffer buffer);

// The 1 x 1 Conv2d that predicts from `x`.
nn::FoldedConv TakeAnchorConv(const Block& conv, const models::AnchorHead& head, graph::Value x);

}  // namespace yoloport::sources::layer_list
