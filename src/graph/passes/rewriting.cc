#include "graph/passes/rewriting.h"

#include <unordered_set>
#include <utility>

namespace yoloport::graph::passes {

namespace {

// The text before the last `separator`; empty if there is none.
std::string_view Before(std::string_view text, char separator) {
  const std::size_t at = text.rfind(separator);
  return at == text.npos ? std::string_view() : text.substr(0, at);
}

}  // namespace

std::string ScopeOf(std::string_view name) {
  if (name.find('/') != name.npos) return std::string(Before(name, '/'));
  const std::string_view last = name.substr(name.rfind('.') + 1);
  const bool is_part = last.find_first_not_of("0123456789") == last.npos;
  return std::string(Before(is_part ? Before(name, '.') : name, '.'));
}

Value AddLike(Graph& graph, const Node& node, const std::vector<Value>& inputs, tensor::Shape shape,
              std::string name) {
  Node added;
  added.op = node.op;
  added.name = std::move(name);
  added.attributes = node.attributes;
  const tensor::DType dtype = graph.value(node.outputs.front()).dtype;
  return graph.Add(std::move(added), inputs, {dtype, std::move(shape)});
}

void PlaceConstants(Graph& graph, const Placed& placed) {
  std::unordered_set<int> moved;
  for (const auto& [place, ids] : placed) moved.insert(ids.begin(), ids.end());
  std::vector<int> constants;
  for (const int id : graph.constants()) {
    if (const auto found = placed.find(id); found != placed.end()) {
      constants.insert(constants.end(), found->second.begin(), found->second.end());
    } else if (!moved.contains(id)) {
      constants.push_back(id);
    }
  }
  graph.mutable_constants() = std::move(constants);
}

}  // namespace yoloport::graph::passes
