// A pass: enlarged channels are convolved before they are enlarged.
#pragma once

#include "graph/graph.h"

namespace yoloport::graph::passes {

// A 1 x 1 convolution of joined channels (Concat) of which some were enlarged (Resize, nearest
// neighbor) becomes two convolutions and their sum: `NAME.coarse` of those channels before they are
// enlarged, which is a quarter of the work for a factor of 2, and `NAME` of the others, with the
// bias. Runtimes compute the sum within `NAME`. If several parts were enlarged, this is done for
// the first one.
//
// Nothing changes where the convolution has groups, a stride or padding, where its weight is not a
// LazyTensor or has other readers, or where its result is an output of the graph. Concat and Resize
// are left to RemoveUnused().
void SplitEnlargedConv(Graph& graph);

}  // namespace yoloport::graph::passes
