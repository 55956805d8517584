// What a simplifier of ONNX files would do: nothing of it is left to be done to a file that is
// written.
#include <algorithm>
#include <unordered_set>

#include "graph/graph.h"

namespace yoloport::graph {
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
  const auto* tensor = std::get_if<Tensor>(&value.constant);
  if (tensor == nullptr || value.has_given_name || tensor->byte_size() > kComparedBytes) return {};
  std::string key;
  AppendNumber(key, static_cast<std::int64_t>(tensor->dtype()));
  AppendList(key, tensor->shape());
  const auto bytes = tensor->bytes();
  return key.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

using Replacements = std::unordered_map<int, int>;  // of values, by id

void ReplaceInputs(Node& node, const Replacements& replaced) {
  for (int& input : node.inputs) {
    if (const auto found = replaced.find(input); found != replaced.end()) input = found->second;
  }
}

// Whether `from` and `to`, shapes of equally many elements, are the same: one extent that is not
// known follows from the others.
bool SameShape(const Shape& from, const Shape& to) {
  return from == to && std::count(from.begin(), from.end(), kDynamic) <= 1;
}

}  // namespace

void Graph::Prune() {
  MergeEqual();
  MergeReshapes();
  RemoveUnused();
  MergeConcats();
}

void Graph::RemoveUnused() {
  std::vector<bool> needed(values_.size(), false);
  for (const int id : outputs_) needed[static_cast<std::size_t>(id)] = true;
  const auto is_needed = [&](int id) { return id >= 0 && needed[static_cast<std::size_t>(id)]; };
  // Nodes stand behind what they use, so one pass from the back sees every use before its producer.
  std::vector<Node> kept;
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {
    if (std::none_of(node->outputs.begin(), node->outputs.end(), is_needed)) continue;
    for (const int input : node->inputs) {
      if (input >= 0) needed[static_cast<std::size_t>(input)] = true;
    }
    for (const int input : node->captured) needed[static_cast<std::size_t>(input)] = true;
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  nodes_ = std::move(kept);
  std::erase_if(constants_, [&](int id) { return !is_needed(id); });
}

void Graph::MergeEqual() {
  std::unordered_map<std::string, int> constants;  // by key
  Replacements replaced;
  for (const int id : constants_) {
    const std::string key = KeyOf(value(id));
    if (key.empty()) continue;
    const auto [first, is_new] = constants.emplace(key, id);
    if (!is_new) replaced[id] = first->second;
  }
  const std::unordered_set<int> outputs(outputs_.begin(), outputs_.end());
  const auto is_output = [&](int id) { return outputs.contains(id); };
  std::unordered_map<std::string, const Node*> nodes;  // by key
  for (Node& node : nodes_) {
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

bool Graph::MayReshapeAtOnce(const Node& inner, const Node& outer) const {
  const auto* wanted = std::get_if<Tensor>(&value(outer.inputs[1]).constant);
  if (wanted == nullptr) return false;
  const Shape& from = value(inner.inputs[0]).shape;
  const Shape& between = value(inner.outputs[0]).shape;
  const auto* first = std::get_if<Tensor>(&value(inner.inputs[1]).constant);
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

std::unordered_map<int, int> Graph::CountReaders() const {
  std::unordered_map<int, int> readers;
  for (const int id : outputs_) ++readers[id];
  for (const Node& node : nodes_) {
    for (const int input : node.inputs) ++readers[input];
    for (const int input : node.captured) ++readers[input];
  }
  return readers;
}

void Graph::MergeReshapes() {
  const std::unordered_map<int, int> readers = CountReaders();
  std::unordered_map<int, const Node*> reshapes;  // by result
  Replacements replaced;
  const std::unordered_set<int> outputs(outputs_.begin(), outputs_.end());
  for (Node& node : nodes_) {
    ReplaceInputs(node, replaced);
    if (node.op != "Reshape") continue;
    const auto inner = reshapes.find(node.inputs[0]);
    const int result = node.outputs[0];
    // One that others read stays anyway: then OpenVINO changes the layout once, for all of them.
    if (inner != reshapes.end() && readers.at(node.inputs[0]) == 1) {
      if (MayReshapeAtOnce(*inner->second, node)) {
        node.inputs[0] = inner->second->inputs[0];
      } else if (Value(this, result).is_static()) {
        const Shape shape = value(result).shape;
        const auto rank = static_cast<std::int64_t>(shape.size());
        node.inputs[0] = inner->second->inputs[0];
        node.inputs[1] = Constant(Tensor::Of<std::int64_t>({rank}, shape)).id();
      }
    }
    const bool is_nothing = SameShape(value(node.inputs[0]).shape, value(result).shape);
    if (is_nothing && !outputs.contains(result)) {
      replaced[result] = node.inputs[0];
    } else {
      reshapes[result] = &node;
    }
  }
}

void Graph::MergeConcats() {
  std::unordered_map<int, int> readers = CountReaders();
  std::unordered_map<int, const Node*> joins;  // by result
  std::unordered_set<int> merged;
  for (Node& node : nodes_) {
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
  std::erase_if(nodes_, [&](const Node& node) { return merged.contains(node.outputs.front()); });
}

}  // namespace yoloport::graph
