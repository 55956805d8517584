// A pass: what is computed twice is computed once.
#pragma once

#include "graph/graph.h"

namespace yoloport::graph::passes {

// Nodes of the same operator, attributes and inputs become the first of them, as do constants of
// the same type, shape and elements. Constants that were given a name stay, and so do results that
// are outputs of the graph: two equal outputs stay two. What nobody reads any more is left to
// RemoveUnused().
void MergeEqual(Graph& graph);

}  // namespace yoloport::graph::passes
