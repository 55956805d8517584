#include "graph/passes/simplify.h"

#include "graph/passes/merge_concats.h"
#include "graph/passes/merge_equal.h"
#include "graph/passes/merge_reshapes.h"
#include "graph/passes/remove_unused.h"
#include "graph/passes/split_enlarged_conv.h"

namespace yoloport::graph {

void Simplify(Graph& graph) {
  SplitEnlargedConv(graph);
  MergeEqual(graph);
  MergeReshapes(graph);
  RemoveUnused(graph);
  MergeConcats(graph);
}

}  // namespace yoloport::graph
