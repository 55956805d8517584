// The passes that every graph goes through before it is written.
#pragma once

#include "graph/graph.h"

namespace yoloport::graph::passes {

// SplitConv and SplitEnlargedConv, which make convolutions cheaper, then what leaves nothing that a
// simplifier of ONNX files could remove, keeping the order of the rest: MergeEqual, MergeReshapes,
// RemoveUnused, MergeConcats. To be called once. Not for graphs that
// were read: it knows what the functions of ops.h add, no others.
void Simplify(Graph& graph);

}  // namespace yoloport::graph::passes
