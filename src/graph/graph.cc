#include "graph/graph.h"

#include <algorithm>
#include <cassert>

namespace yoloport::graph {

const std::string& Value::name() const { return graph_->value(id_).name; }
DType Value::dtype() const { return graph_->value(id_).dtype; }
const Shape& Value::shape() const { return graph_->value(id_).shape; }

std::int64_t Value::dim(std::int64_t axis) const {
  const std::int64_t index = axis < 0 ? axis + rank() : axis;
  assert(index >= 0 && index < rank());
  return shape()[static_cast<std::size_t>(index)];
}

bool Value::is_static() const {
  return std::none_of(shape().begin(), shape().end(),
                      [](std::int64_t extent) { return extent < 0; });
}

const Tensor* Value::constant() const { return std::get_if<Tensor>(&graph_->value(id_).constant); }

int Graph::NewValue(std::string name, DType dtype, Shape shape) {
  values_.push_back({std::move(name), dtype, std::move(shape), {}, {}, {}, false});
  return static_cast<int>(values_.size()) - 1;
}

std::string Graph::ScopedName(std::string_view what) const {
  std::string name = scope_;
  if (!name.empty()) name += '/';
  return name.append(what);
}

std::string Graph::UniqueName(std::string name) {
  const auto [entry, is_new] = names_.try_emplace(name, 0);
  if (is_new) return name;
  for (;;) {
    std::string candidate = name + "_" + std::to_string(++names_[name]);
    if (names_.try_emplace(candidate, 0).second) return candidate;
  }
}

Value Graph::Input(std::string name, DType dtype, Shape shape, std::vector<std::string> dim_names) {
  const int id = NewValue(UniqueName(std::move(name)), dtype, std::move(shape));
  values_.back().dim_names = std::move(dim_names);
  inputs_.push_back(id);
  return {this, id};
}

Value Graph::OptionalInput(std::string name, const Tensor& default_value) {
  const Value input = Input(std::move(name), default_value.dtype(), default_value.shape());
  values_.back().default_value = default_value.Dense();
  return input;
}

Value Graph::Constant(const Tensor& tensor, std::string name) {
  const bool has_given_name = !name.empty();
  if (!has_given_name) name = ScopedName("Constant");
  const int id = NewValue(UniqueName(std::move(name)), tensor.dtype(), tensor.shape());
  values_.back().constant = tensor.Dense();
  values_.back().has_given_name = has_given_name;
  constants_.push_back(id);
  return {this, id};
}

Value Graph::Constant(LazyTensor tensor, std::string name) {
  if (name.empty()) name = ScopedName("Constant");
  const int id = NewValue(UniqueName(std::move(name)), tensor.dtype, tensor.shape);
  values_.back().constant = std::move(tensor);
  constants_.push_back(id);
  return {this, id};
}

Value Graph::Add(Node node, const std::vector<Value>& inputs, ResultType result) {
  return AddMany(std::move(node), inputs, {std::move(result)}).front();
}

std::vector<Value> Graph::AddMany(Node node, const std::vector<Value>& inputs,
                                  std::vector<ResultType> results) {
  node.name = UniqueName(node.name.empty() ? ScopedName(node.op) : node.name);
  for (const Value& input : inputs) node.inputs.push_back(input ? input.id() : -1);
  std::vector<Value> values;
  for (ResultType& result : results) {
    // The first result bears the node's own name: nodes and values are named apart in ONNX.
    std::string name = node.name;
    if (!values.empty()) name = UniqueName(node.name + "." + std::to_string(values.size()));
    const int id = NewValue(std::move(name), result.dtype, std::move(result.shape));
    node.outputs.push_back(id);
    values.push_back({this, id});
  }
  nodes_.push_back(std::move(node));
  return values;
}

void Graph::Output(Value value, std::string name, std::vector<std::string> dim_names) {
  values_[static_cast<std::size_t>(value.id())].name = UniqueName(std::move(name));
  NameDims(value, std::move(dim_names));
  outputs_.push_back(value.id());
}

void Graph::NameDims(Value value, std::vector<std::string> dim_names) {
  values_[static_cast<std::size_t>(value.id())].dim_names = std::move(dim_names);
}

std::vector<Value> Graph::InputsOf(Value value, std::string_view op) {
  const auto gives = [&](const Node& node) {
    return std::find(node.outputs.begin(), node.outputs.end(), value.id()) != node.outputs.end();
  };
  const auto node = std::find_if(nodes_.rbegin(), nodes_.rend(), gives);
  std::vector<Value> inputs;
  if (node == nodes_.rend() || node->op != op) return inputs;
  for (const int id : node->inputs) inputs.push_back(id < 0 ? Value() : Value(this, id));
  return inputs;
}

void Graph::ReplaceConstant(int id, LazyTensor tensor) {
  ValueData& data = values_[static_cast<std::size_t>(id)];
  assert(tensor.dtype == data.dtype && tensor.shape == data.shape);
  data.constant = std::move(tensor);
}

void Graph::ReplaceInput(std::size_t node, std::size_t input, Value value) {
  nodes_[node].inputs[input] = value.id();
}

std::int64_t Graph::ConstantElements() const {
  std::int64_t count = 0;
  for (const int id : constants_) count += ElementCount(value(id).shape);
  return count;
}

namespace {

std::string TypeText(const Graph::ValueData& value) {
  std::string text(DTypeName(value.dtype));
  text += '[';
  for (std::size_t i = 0; i < value.shape.size(); ++i) {
    if (i > 0) text += ',';
    text += value.shape[i] == kDynamic ? "?" : std::to_string(value.shape[i]);
  }
  return text + ']';
}

template <typename T>
std::string ListText(const std::vector<T>& list) {
  std::string text = "[";
  for (const T& entry : list) {
    if (text.size() > 1) text += ',';
    text += std::to_string(entry);
  }
  return text + "]";
}

std::string AttributeText(const Attribute& attribute) {
  return std::visit(
      [](const auto& value) -> std::string {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::string>)
          return "\"" + value + "\"";
        else if constexpr (std::is_arithmetic_v<T>)
          return std::to_string(value);
        else
          return ListText(value);
      },
      attribute);
}

// A small constant is shown by its elements, a large one by name and type.
std::string OperandText(const Graph& graph, int id) {
  if (id < 0) return "-";
  const Graph::ValueData& value = graph.value(id);
  const auto* tensor = std::get_if<Tensor>(&value.constant);
  if (tensor == nullptr) {
    const bool lazy = std::holds_alternative<LazyTensor>(value.constant);
    return lazy ? value.name + ":" + TypeText(value) : value.name;
  }
  if (tensor->size() > 8) return value.name + ":" + TypeText(value);
  if (tensor->dtype() == DType::kInt64) {
    const auto elements = tensor->values<std::int64_t>();
    return ListText(std::vector<std::int64_t>(elements.begin(), elements.end()));
  }
  const Tensor floats = tensor->To(DType::kFloat32);
  const auto elements = floats.values<float>();
  return ListText(std::vector<float>(elements.begin(), elements.end()));
}

}  // namespace

std::string ToText(const Graph& graph) {
  std::string text;
  for (const int id : graph.inputs()) {
    text += "input " + graph.value(id).name + ": " + TypeText(graph.value(id)) + "\n";
  }
  for (const Node& node : graph.nodes()) {
    std::string line;
    for (const int id : node.outputs) {
      if (!line.empty()) line += ", ";
      line += graph.value(id).name + ": " + TypeText(graph.value(id));
    }
    line += " = " + node.op + "(";
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (i > 0) line += ", ";
      line += OperandText(graph, node.inputs[i]);
    }
    line += ")";
    for (const auto& [name, attribute] : node.attributes)
      line += " " + name + "=" + AttributeText(attribute);
    text += line + "\n";
  }
  for (const int id : graph.outputs()) {
    text += "output " + graph.value(id).name + ": " + TypeText(graph.value(id)) + "\n";
  }
  return text;
}

}  // namespace yoloport::graph
