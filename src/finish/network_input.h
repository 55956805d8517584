// The input of a finished file, before that of the file that is finished.
#pragma once

#include <optional>

#include "graph/graph.h"
#include "targets/network_input.h"
#include "yoloport/export.h"
#include "yoloport/types.h"

namespace yoloport::finish {

// Adds the input `images` as targets::AddInput() does, lets everything read what comes of it in
// place of `image`, which is no input any more, and does as little to it as the network's first
// convolutions can do instead. Throws ModelError, naming the file by `name`, where a graph within a
// node holds on to the name.
targets::NetworkInput ReplaceInput(graph::Graph& graph, int image, const ExportOptions& options,
                                   const Preprocess& preprocess,
                                   std::optional<targets::GivenPixels> given,
                                   const std::string& name);

}  // namespace yoloport::finish
