// The input of an exported file, and what is done to it before the network.
#pragma once

#include <array>
#include <optional>

#include "graph/graph.h"
#include "yoloport/export.h"
#include "yoloport/types.h"

namespace yoloport {

// Names of dynamic extents.
inline constexpr const char* kBatchDim = "batch";
inline constexpr const char* kHeightDim = "height";
inline constexpr const char* kWidthDim = "width";

struct NetworkInput {
  graph::Value image;  // N x 3 x H x W, normalised, in the element type that is computed in
  ImageRecipe recipe;  // what is left to do for whoever prepares images

  // How `image` came about where the file does the rest itself: `centred`, the pixels less their
  // means, divided by `std` and put in order. No value where that cannot be moved into weights.
  graph::Value centred;
  std::array<float, 3> std = {1, 1, 1};  // in the order of the file's channels
  bool swaps_channels = false;           // the file's are blue first and the network's red, or so
  std::vector<std::string> notes;        // what the file's input cannot hold exactly
};

// Pixels that whoever runs the file hands over unlike the network wants them.
struct GivenPixels {
  float divisor = 1;  // the channels are 0..255 divided by this
  bool rgb = false;   // red first, else blue
};

// Throws UsageError when the options of the input are unknown or do not go together.
void CheckInputOptions(const ExportOptions& options);

// Adds the input `images` and, where it is of 8 bits or of `given` floats, nodes that make of it
// what `recipe` says.
NetworkInput AddInput(graph::Graph& graph, const ExportOptions& options, const ImageRecipe& recipe,
                      std::optional<GivenPixels> given = std::nullopt);

// Moves division by std and the order of channels into the weights of the convolutions that read
// the image; to be called when the network is built. Means stay as a node: the convolutions pad
// with zeros behind it. Does nothing where something else than convolutions reads the image.
void FoldNormalisation(graph::Graph& graph, const NetworkInput& input);

}  // namespace yoloport
