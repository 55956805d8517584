#include "onnx/write/infer.h"

#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <array>
#include <map>
#include <new>
#include <string>
#include <string_view>

#include "onnx/wire/proto_fields.h"
#include "onnx/wire/tensor_header.h"
#include "onnx/wire/wire_edit.h"
#include "onnx/write/encode.h"
#include "yoloport/text.h"

namespace yoloport::onnx::write {
namespace {

using graph::Graph;

// libonnx divides by some numbers without a look at them; kernels and the like it adds and
// multiplies, where too large ones would overflow. Graphs within nodes are bytes here.
bool IsSafe(const graph::Node& node) {
  constexpr std::int64_t kMost = std::int64_t{1} << 31;
  constexpr std::array<std::string_view, 4> kOfGraphs = {"If", "Loop", "Scan", "SequenceMap"};
  if (std::find(kOfGraphs.begin(), kOfGraphs.end(), node.op) != kOfGraphs.end()) return false;
  const auto is_small = [](std::int64_t number) { return number > -kMost && number < kMost; };
  for (const auto& [name, attribute] : node.attributes) {
    const bool divides =
        name == "strides" || name == "num_outputs" || name == "blocksize" || name == "group";
    const auto is_good = [&](std::int64_t number) {
      return is_small(number) && (!divides || number > 0);
    };
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&attribute)) {
      const bool is_axes = name == "value_ints" || name == "starts" || name == "ends";
      if (!is_axes && !std::all_of(list->begin(), list->end(), is_good)) return false;
    }
    if (const auto* number = std::get_if<std::int64_t>(&attribute)) {
      if (divides && !is_good(*number)) return false;
    }
  }
  return !node.outputs.empty();
}

// Names values by their ids. libonnx looks names up in hash tables, which those of a stranger's
// file can be made for.
void NumberValues(const Graph& graph, ::onnx::GraphProto& proto) {
  std::map<std::string_view, std::string> numbers;
  for (int id = 0; id < static_cast<int>(graph.value_count()); ++id) {
    numbers.emplace(graph.value(id).name, std::to_string(id));
  }
  const auto number = [&](std::string& name) {
    if (const auto found = numbers.find(name); found != numbers.end()) name = found->second;
  };
  for (auto& node : *proto.mutable_node()) {
    node.clear_name();
    for (auto& name : *node.mutable_input()) number(name);
    for (auto& name : *node.mutable_output()) number(name);
  }
  for (auto& tensor : *proto.mutable_initializer()) number(*tensor.mutable_name());
  for (auto* infos : {proto.mutable_input(), proto.mutable_output(), proto.mutable_value_info()}) {
    for (auto& info : *infos) number(*info.mutable_name());
  }
}

// Adds to what is known of a value. Nothing for what is no tensor of a known rank and of a type
// that a graph has, or contradicts the file.
void AddType(Graph& graph, const ::onnx::ValueInfoProto& info) {
  const ::onnx::TypeProto& type = info.type();
  if (!type.has_tensor_type() || !type.tensor_type().has_shape()) return;
  const auto id = ParseNumber<int>(info.name());
  if (!id || *id < 0 || *id >= static_cast<int>(graph.value_count())) return;
  const Graph::ValueData& value = graph.value(*id);
  graph::ResultType result;
  if (!wire::FromOnnxType(type.tensor_type().elem_type(), result.dtype)) return;
  for (const auto& dim : type.tensor_type().shape().dim()) {
    result.shape.push_back(dim.has_dim_value() && dim.dim_value() >= 0 ? dim.dim_value()
                                                                       : graph::kDynamic);
  }
  if (value.has_dtype && value.dtype != result.dtype) return;
  if (value.has_shape && value.shape.size() != result.shape.size()) return;
  for (std::size_t i = 0; value.has_shape && i < value.shape.size(); ++i) {
    if (value.shape[i] != graph::kDynamic) result.shape[i] = value.shape[i];
  }
  graph.SetType(*id, std::move(result));
}

}  // namespace

void InferTypes(Graph& graph) {
  if (!std::all_of(graph.nodes().begin(), graph.nodes().end(), IsSafe)) return;
  std::string bytes = EncodeModelStart(graph, {});
  wire::AppendBytes(bytes, wire::model_proto::kGraph, EncodeWithoutWeights(graph));
  ::onnx::ModelProto model;
  if (!model.ParseFromString(bytes)) return;
  NumberValues(graph, *model.mutable_graph());
  try {
    ::onnx::ShapeInferenceOptions options;
    options.enable_data_propagation = true;
    ::onnx::shape_inference::InferShapes(model, ::onnx::OpSchemaRegistry::Instance(), options);
  } catch (const std::bad_alloc&) {
    throw;  // says nothing about the graph
  } catch (const std::exception&) {
    return;  // what it had found before is as good as nothing
  }
  for (const auto& info : model.graph().value_info()) AddType(graph, info);
  for (const auto& info : model.graph().output()) AddType(graph, info);
}

}  // namespace yoloport::onnx::write
