// A pass: a Concat of a Concat becomes one.
#pragma once

#include "graph/graph.h"

namespace yoloport::graph::passes {

// A Concat whose input is a Concat along the same axis that nobody else reads takes that one's
// inputs in its place.
void MergeConcats(Graph& graph);

}  // namespace yoloport::graph::passes
