#include "graph/passes/simplify.h"

#include "graph/passes/merge_concats.h"
#include "graph/passes/merge_equal.h"
#include "graph/passes/merge_reshapes.h"
#include "graph/passes/remove_unused.h"
#include "graph/passes/split_conv.h"
#include "graph/passes/split_enlarged_conv.h"

namespace yoloport::graph::passes {

void Simplify(Graph& graph) {
  SplitConv(graph);
  SplitEnlargedConv(graph);  // after SplitConv, whose convolutions it splits further
  MergeEqual(graph);
  RemoveUnused(graph);  // nodes that were merged no longer count as readers
  MergeReshapes(graph);
  RemoveUnused(graph);
  MergeConcats(graph);
}

}  // namespace yoloport::graph::passes
