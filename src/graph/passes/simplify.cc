#include "graph/passes/simplify.h"

#include "graph/passes/merge_concats.h"
#include "graph/passes/merge_equal.h"
#include "graph/passes/merge_reshapes.h"
#include "graph/passes/remove_unused.h"

namespace yoloport::graph {

void Simplify(Graph& graph) {
  MergeEqual(graph);
  MergeReshapes(graph);
  RemoveUnused(graph);
  MergeConcats(graph);
}

}  // namespace yoloport::graph
