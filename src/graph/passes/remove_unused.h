// A pass: what no output needs goes.
#pragma once

#include "graph/graph.h"

namespace yoloport::graph::passes {

// Nodes and constants from which no output can be reached go. Inputs stay.
void RemoveUnused(Graph& graph);

}  // namespace yoloport::graph::passes
