#include "graph/passes/merge_equal.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>

#include "graph/passes/readers.h"

namespace yoloport::graph::passes {
namespace {

constexpr std::size_t kComparedBytes = 4096;  // larger constants that are equal by chance are rare

void AppendNumber(std::string& key, std::int64_t number) {
  key.append(reinterpret_cast<const char*>(&number), sizeof(number));
}

void AppendText(std::string& key, std::string_view text) {
  AppendNumber(key, static_cast<std::int64_t>(text.size()));
  key.append(text);
}

template <typename T>
void AppendList(std::string& key, const std::vector<T>& list) {
  AppendNumber(key, static_cast<std::int64_t>(list.size()));
  key.append(reinterpret_cast<const char*>(list.data()), list.size() * sizeof(T));
}

void AppendAttribute(std::string& key, const Attribute& attribute) {
  AppendNumber(key, static_cast<std::int64_t>(attribute.index()));
  std::visit(
      [&key](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string>)
          AppendText(key, value);
        else if constexpr (std::is_same_v<T, Raw>)
          AppendText(key, value.bytes);
        else if constexpr (std::is_arithmetic_v<T>)
          AppendList(key, std::vector<T>{value});
        else
          AppendList(key, value);
      },
      attribute);
}

// Equal for nodes that compute the same.
std::string KeyOf(const Node& node) {
  std::string key;
  AppendText(key, node.op);
  AppendText(key, node.domain);
  AppendList(key, node.inputs);
  AppendNumber(key, static_cast<std::int64_t>(node.outputs.size()));
  for (const auto& [name, attribute] : node.attributes) {
    AppendText(key, name);
    AppendAttribute(key, attribute);
  }
  return key;
}

// Equal for equal constants; empty for one that is not compared.
std::string KeyOf(const Graph::ValueData& value) {
  const auto* tensor = std::get_if<tensor::Tensor>(&value.constant);
  if (tensor == nullptr || value.has_given_name || tensor->byte_size() > kComparedBytes) return {};
  std::string key;
  AppendNumber(key, static_cast<std::int64_t>(tensor->dtype()));
  AppendList(key, tensor->shape());
  const auto bytes = tensor->bytes();
  return key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace

void MergeEqual(Graph& graph) {
  std::unordered_map<std::string, int> constants;  // by key
  Replacements replaced;
  for (const int id : graph.constants()) {
    const std::string key = KeyOf(graph.value(id));
    if (key.empty()) continue;
    const auto [first, is_new] = constants.emplace(key, id);
    if (!is_new) replaced[id] = first->second;
  }
  const std::unordered_set<int> outputs(graph.outputs().begin(), graph.outputs().end());
  const auto is_output = [&](int id) { return outputs.contains(id); };
  std::unordered_map<std::string, const Node*> nodes;  // by key
  for (Node& node : graph.mutable_nodes()) {
    ReplaceInputs(node, replaced);
    // Two outputs of the graph stay two, even if they are equal.
    if (std::any_of(node.outputs.begin(), node.outputs.end(), is_output)) continue;
    const auto [first, is_new] = nodes.emplace(KeyOf(node), &node);
    if (is_new) continue;
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      replaced[node.outputs[i]] = first->second->outputs[i];
    }
  }
}

}  // namespace yoloport::graph::passes
