// Networks that are a list of layers of which each says where its inputs come from, as Ultralytics
// and the repositories of YOLOv5 and YOLOv7 pickle them: `f` ("from": -1 for the layer before, an
// index, or a list of them), `i` (its own index) and a class.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "graph/graph.h"
#include "sources/layer_list/block.h"

namespace yoloport::sources::layer_list {

// A class of a program (blocks.h) under its last name, "C2f".
struct KnownLayer {
  std::string_view type;
  graph::Value (*build)(const Block& layer, graph::Value x);  // one map for one
  // Or one for several, where that is set.
  graph::Value (*join)(const Block& layer, const std::vector<graph::Value>& inputs) = nullptr;
};

// The last layer of a list, and what it reads.
struct Head {
  Block block;
  std::vector<graph::Value> inputs;
};

// The last of `layers`, a Sequential, which is the head. Throws CheckpointError where there is
// none.
checkpoint::Module LastLayer(const checkpoint::Module& layers);

// Builds all layers of `layers`, a Sequential, but the last one, on `image`: those of `known`, and
// what all programs have - Concat, torch's Upsample, MaxPool2d, Identity, and a Sequential of
// layers that are repeated. Throws CheckpointError where a layer is of another class, or reads what
// is not before it; messages say which layer.
Head RunLayers(const Block& layers, graph::Value image, std::span<const KnownLayer> known);

}  // namespace yoloport::sources::layer_list
