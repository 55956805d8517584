// A pass: a Reshape of a Reshape becomes one.
#pragma once

#include "graph/graph.h"

namespace yoloport::graph::passes {

// A Reshape whose input is a Reshape that nobody else reads takes that one's input, where its shape
// means the same there or is known; one that changes no shape goes, unless it gives an output of
// the graph. A first Reshape that others read stays the input: OpenVINO then changes the layout
// once, for all of them. What nobody reads any more is left to RemoveUnused().
void MergeReshapes(Graph& graph);

}  // namespace yoloport::graph::passes
