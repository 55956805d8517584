#include "graph/passes/remove_unused.h"

#include <algorithm>
#include <vector>

namespace yoloport::graph::passes {

void RemoveUnused(Graph& graph) {
  std::vector<bool> needed(graph.value_count(), false);
  for (const int id : graph.outputs()) needed[static_cast<std::size_t>(id)] = true;
  const auto is_needed = [&](int id) { return id >= 0 && needed[static_cast<std::size_t>(id)]; };
  // Nodes stand behind what they use, so one pass from the back sees every use before its producer.
  std::vector<Node>& nodes = graph.mutable_nodes();
  std::vector<Node> kept;
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    if (std::none_of(node->outputs.begin(), node->outputs.end(), is_needed)) continue;
    for (const int input : node->inputs) {
      if (input >= 0) needed[static_cast<std::size_t>(input)] = true;
    }
    for (const int input : node->captured) needed[static_cast<std::size_t>(input)] = true;
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  nodes = std::move(kept);
  std::erase_if(graph.mutable_constants(), [&](int id) { return !is_needed(id); });
}

}  // namespace yoloport::graph::passes
