// A pass: a convolution whose output channels are split becomes one convolution per part.
#pragma once

#include "graph/graph.h"

namespace yoloport::graph::passes {

// Where a Split takes the channels of a convolution apart, directly or behind an activation, each
// part gets a convolution and an activation of its own. The convolutions are named `NAME.0`,
// `NAME.1` ... ONNX Runtime computes them faster than one convolution and a Split, for which it
// leaves its blocked layout.
//
// An activation is any group of elementwise nodes whose other operands are constants of one
// element. Nothing changes where the convolution has groups, where its weight is not a LazyTensor
// or has other readers, where something else reads a value between convolution and Split, or where
// a part is an output of the graph.
void SplitConv(Graph& graph);

}  // namespace yoloport::graph::passes
