#include "graph/passes/merge_reshapes.h"

#include <algorithm>
#include <unordered_set>

#include "graph/passes/readers.h"

namespace yoloport::graph::passes {
namespace {

using tensor::Shape;
using tensor::Tensor;

// Whether the shape that `outer` wants means the same for the input of `inner`.
bool MayReshapeAtOnce(const Graph& graph, const Node& inner, const Node& outer) {
  const auto* wanted = std::get_if<Tensor>(&graph.value(outer.inputs[1]).constant);
  if (wanted == nullptr) return false;
  const Shape& from = graph.value(inner.inputs[0]).shape;
  const Shape& between = graph.value(inner.outputs[0]).shape;
  const auto* first = std::get_if<Tensor>(&graph.value(inner.inputs[1]).constant);
  const auto extents = wanted->values<std::int64_t>();
  for (std::size_t i = 0; i < extents.size(); ++i) {
    if (extents[i] != 0) continue;
    // 0 keeps the extent of what is reshaped, which must be the same as before.
    const bool is_kept = first != nullptr && i < static_cast<std::size_t>(first->size()) &&
                         first->values<std::int64_t>()[i] == 0;
    const bool is_known = i < from.size() && from[i] != kDynamic && from[i] == between[i];
    if (!is_kept && !is_known) return false;
  }
  return true;
}

// Whether `from` and `to`, shapes of equally many elements, are the same: one extent that is not
// known follows from the others.
bool SameShape(const Shape& from, const Shape& to) {
  return from == to && std::count(from.begin(), from.end(), kDynamic) <= 1;
}

}  // namespace

void MergeReshapes(Graph& graph) {
  const std::unordered_map<int, int> readers = CountReaders(graph);
  std::unordered_map<int, const Node*> reshapes;  // by result
  Replacements replaced;
  const std::unordered_set<int> outputs(graph.outputs().begin(), graph.outputs().end());
  for (Node& node : graph.mutable_nodes()) {
    ReplaceInputs(node, replaced);
    if (node.op != "Reshape") continue;
    const auto inner = reshapes.find(node.inputs[0]);
    const int result = node.outputs[0];
    // One that others read stays anyway: then OpenVINO changes the layout once, for all of them.
    if (inner != reshapes.end() && readers.at(node.inputs[0]) == 1) {
      if (MayReshapeAtOnce(graph, *inner->second, node)) {
        node.inputs[0] = inner->second->inputs[0];
      } else if (graph.Handle(result).is_static()) {
        const Shape shape = graph.value(result).shape;
        const auto rank = static_cast<std::int64_t>(shape.size());
        node.inputs[0] = inner->second->inputs[0];
        node.inputs[1] = graph.Constant(Tensor::Of<std::int64_t>({rank}, shape)).id();
      }
    }
    const bool is_nothing = SameShape(graph.value(node.inputs[0]).shape, graph.value(result).shape);
    if (is_nothing && !outputs.contains(result)) {
      replaced[result] = node.inputs[0];
    } else {
      reshapes[result] = &node;
    }
  }
}

}  // namespace yoloport::graph::passes
