// The input of an exported file, and what is done to it before the network.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "graph/graph.h"
#include "graph/passes/fold_normalization.h"
#include "yoloport/export.h"
#include "yoloport/types.h"

namespace yoloport::targets {

// Names of dynamic extents.
inline constexpr const char* kBatchDim = "batch";
inline constexpr const char* kHeightDim = "height";
inline constexpr const char* kWidthDim = "width";

struct NetworkInput {
  graph::Value image;     // N x 3 x H x W, normalised, in the element type that is computed in
  Preprocess preprocess;  // what is left to do for whoever prepares images
  graph::passes::Normalization normalization;  // of `image`, where the file does the rest itself
  std::vector<std::string> notes;              // what the file's input cannot hold exactly
};

// Pixels that whoever runs the file hands over unlike the network wants them.
struct GivenPixels {
  float divisor = 1;  // the channels are 0..255 divided by this
  bool rgb = false;   // red first, else blue
};

// Throws UsageError when the options of the input are unknown or do not go together.
void CheckInputOptions(const ExportOptions& options);

// Adds the input `images` and, where it is of 8 bits or of `given` floats, nodes that make of it
// what `preprocess` says.
NetworkInput AddInput(graph::Graph& graph, const ExportOptions& options,
                      const Preprocess& preprocess,
                      std::optional<GivenPixels> given = std::nullopt);

}  // namespace yoloport::targets
