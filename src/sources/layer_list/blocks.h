// The blocks that Ultralytics and the repositories of YOLOv5 and YOLOv7 share. Each checks that it
// is of the class that it builds: a class of the same name from elsewhere may be anything.
#pragma once

#include <initializer_list>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "nn/folded_conv.h"
#include "sources/layer_list/block.h"
#include "sources/layer_list/torch_layers.h"

namespace yoloport::sources::layer_list {

// What gives one feature map for one, N x C x H x W.
using BlockFunction = graph::Value (*)(const Block& block, graph::Value x);

// Whether a class is of one of these programs, "ultralytics.nn.modules.conv.Conv".
bool IsOfKnownProgram(std::string_view class_name);

// Throws CheckpointError where the block's class is of none of these programs, or has none of these
// names.
void RequireType(const checkpoint::Module& module, std::initializer_list<std::string_view> types);

// The kernel of a MaxPool2d that keeps the map's size; another one is a CheckpointError.
std::int64_t SamePoolSize(const checkpoint::Module& pool);

// Conv, DWConv: a Conv2d (`conv`), a BatchNorm2d (`bn`) unless that was merged into it (fuse()),
// and an activation (`act`).
graph::Value Conv(const Block& block, graph::Value x);

// The convolution and norm of a Conv.
nn::FoldedConv TakeConv(const Block& block, const Conv2dSpec& spec);

// One behind another, as in a Sequential or a ModuleList that is used as one.
graph::Value Chain(const Block& blocks, graph::Value x, BlockFunction build);

// Bottleneck: two Convs (`cv1`, `cv2`), and the input added where `add` says so.
graph::Value Bottleneck(const Block& block, graph::Value x);

// C3 and what differs by the blocks in `m` only: `cv3` of `m` behind `cv1`, joined with `cv2`.
graph::Value C3(const Block& block, graph::Value x);
graph::Value C3Of(const Block& block, graph::Value x, BlockFunction build);

// SPPF: `cv2` of `cv1` and its max poolings one behind another. SPP: side by side.
graph::Value Sppf(const Block& block, graph::Value x);
graph::Value Spp(const Block& block, graph::Value x);

// Focus: the image's even and odd rows and columns as channels, and a Conv on them (`conv`).
graph::Value Focus(const Block& block, graph::Value x);

}  // namespace yoloport::sources::layer_list
