#include "graph/passes/readers.h"

namespace yoloport::graph::passes {

std::unordered_map<int, int> CountReaders(const Graph& graph) {
  std::unordered_map<int, int> readers;
  for (const int id : graph.outputs()) ++readers[id];
  for (const Node& node : graph.nodes()) {
    for (const int input : node.inputs) ++readers[input];
    for (const int input : node.captured) ++readers[input];
  }
  return readers;
}

std::unordered_set<int> FixedValues(const Graph& graph) {
  std::unordered_set<int> fixed(graph.outputs().begin(), graph.outputs().end());
  for (const Node& node : graph.nodes()) fixed.insert(node.captured.begin(), node.captured.end());
  return fixed;
}

void ReplaceInputs(Node& node, const Replacements& replaced) {
  for (int& input : node.inputs) {
    if (const auto found = replaced.find(input); found != replaced.end()) input = found->second;
  }
}

}  // namespace yoloport::graph::passes
