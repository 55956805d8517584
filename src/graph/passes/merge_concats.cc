#include "graph/passes/merge_concats.h"

#include <unordered_map>
#include <unordered_set>

#include "graph/passes/readers.h"

namespace yoloport::graph::passes {

void MergeConcats(Graph& graph) {
  std::unordered_map<int, int> readers = CountReaders(graph);
  std::unordered_map<int, const Node*> joins;  // by result
  std::unordered_set<int> merged;
  for (Node& node : graph.mutable_nodes()) {
    if (node.op != "Concat") continue;
    std::vector<int> inputs;
    for (const int input : node.inputs) {
      const auto inner = joins.find(input);
      const bool merges = inner != joins.end() && readers[input] == 1 &&
                          inner->second->attributes.at("axis") == node.attributes.at("axis");
      if (merges) {
        const std::vector<int>& parts = inner->second->inputs;
        inputs.insert(inputs.end(), parts.begin(), parts.end());
        merged.insert(input);
      } else {
        inputs.push_back(input);
      }
    }
    node.inputs = std::move(inputs);
    joins[node.outputs.front()] = &node;
  }
  std::erase_if(graph.mutable_nodes(),
                [&](const Node& node) { return merged.contains(node.outputs.front()); });
}

}  // namespace yoloport::graph::passes
