// A pass: what an image is multiplied by and how its channels are ordered moves into the weights of
// the convolutions that read it.
#pragma once

#include <array>

#include "graph/graph.h"

namespace yoloport::graph::passes {

// How `image` (N x C x H x W, C being 3, or 1 where no channels are swapped) came about:
// `centered`, the pixels less their means, divided by `std`, then its channels put in the other
// order where `swaps_channels`.
struct Normalization {
  Value image;
  Value centered;                        // no value: what comes of it cannot be moved
  std::array<float, 3> std = {1, 1, 1};  // in the order of the channels of `centered`
  bool swaps_channels = false;
};

// Lets the convolutions that read the image read `centered`; their weights (LazyTensor) do the
// rest. To be called when the network is built. Means stay as a node: the convolutions pad with
// zeros behind it. Does nothing where something else than convolutions reads the image.
void FoldNormalization(Graph& graph, const Normalization& normalization);

}  // namespace yoloport::graph::passes
