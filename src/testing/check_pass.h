// Tests of passes (graph/passes/): text in, text out, and the same numbers.
#pragma once

#include <functional>
#include <string>

#include "graph/graph.h"

namespace yoloport::test_support {

// A graph before and after a pass, as listings.
struct PassListings {
  std::string before;
  std::string after;
};

// Builds the graph twice and applies `pass` to one of them. Expects ONNX Runtime to give the same
// for both, to the last bit or within `tolerance`, on float32 inputs of made-up numbers from -2 to
// 2 (extents that are not known are 2). Gives both listings.
PassListings CheckPass(const std::function<void(graph::Graph&)>& build,
                       const std::function<void(graph::Graph&)>& pass, float tolerance = 0);

}  // namespace yoloport::test_support
