#include "graph/graph.h"

#include <algorithm>
#include <cassert>

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::graph {

using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

const std::string& Value::name() const { return graph_->value(id_).name; }

DType Value::dtype() const {
  const Graph::ValueData& data = graph_->value(id_);
  if (!data.has_dtype)
    throw ModelError("the element type of " + base::Quote(data.name) + " is not known");
  return data.dtype;
}

const Shape& Value::shape() const {
  const Graph::ValueData& data = graph_->value(id_);
  if (!data.has_shape) throw ModelError("the shape of " + base::Quote(data.name) + " is not known");
  return data.shape;
}

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
  values_.push_back({.name = std::move(name), .dtype = dtype, .shape = std::move(shape)});
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

void Graph::ReplaceConstant(int id, LazyTensor tensor) {
  ValueData& data = values_[static_cast<std::size_t>(id)];
  assert(tensor.dtype == data.dtype && tensor.shape == data.shape);
  data.constant = std::move(tensor);
}

void Graph::ReplaceInput(std::size_t node, std::size_t input, Value value) {
  nodes_[node].inputs[input] = value.id();
}

void Graph::SetConstant(int id, LazyTensor tensor) {
  ValueData& data = values_[static_cast<std::size_t>(id)];
  data.dtype = tensor.dtype;
  data.shape = tensor.shape;
  data.has_dtype = data.has_shape = true;
  data.constant = std::move(tensor);
}

void Graph::SetDefault(int id, Tensor tensor) {
  values_[static_cast<std::size_t>(id)].default_value = std::move(tensor);
}

void Graph::SetExtent(int id, std::size_t axis, std::int64_t extent) {
  values_[static_cast<std::size_t>(id)].shape.at(axis) = extent;
}

void Graph::SetType(int id, ResultType type) {
  ValueData& data = values_[static_cast<std::size_t>(id)];
  data.dtype = type.dtype;
  data.shape = std::move(type.shape);
  data.has_dtype = data.has_shape = true;
}

bool Graph::FreeName(const std::string& name) {
  if (!names_.contains(name)) return true;
  for (const Node& node : nodes_) {
    for (const int id : node.captured) {
      if (value(id).name == name) return false;
    }
  }
  const std::string other = UniqueName(name);
  for (ValueData& value : values_) {
    if (value.name == name) value.name = other;
  }
  for (Node& node : nodes_) {
    if (node.name == name) node.name = other;
  }
  names_.erase(name);
  return true;
}

void Graph::SetAttribute(std::size_t node, const std::string& name, Attribute value) {
  nodes_[node].attributes[name] = std::move(value);
}

int Graph::AddValue(ValueData value) {
  names_.try_emplace(value.name, 0);
  values_.push_back(std::move(value));
  return static_cast<int>(values_.size()) - 1;
}

void Graph::AddNode(Node node) {
  names_.try_emplace(node.name, 0);
  nodes_.push_back(std::move(node));
}

std::int64_t Graph::ConstantElements() const {
  std::int64_t count = 0;
  for (const int id : constants_)
    count += tensor::ElementCount(value(id).shape);  // 1 for a Raw one
  return count;
}

}  // namespace yoloport::graph
