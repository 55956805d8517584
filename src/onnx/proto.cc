#include "onnx/proto.h"

#include <algorithm>
#include <iterator>
#include <type_traits>
#include <vector>

namespace yoloport {
namespace {

void SetAttribute(onnx::AttributeProto& proto, const graph::Attribute& attribute) {
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::int64_t>) {
          proto.set_type(onnx::AttributeProto_AttributeType_INT);
          proto.set_i(value);
        } else if constexpr (std::is_same_v<T, float>) {
          proto.set_type(onnx::AttributeProto_AttributeType_FLOAT);
          proto.set_f(value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          proto.set_type(onnx::AttributeProto_AttributeType_STRING);
          proto.set_s(value);
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          proto.set_type(onnx::AttributeProto_AttributeType_INTS);
          for (const std::int64_t entry : value) proto.add_ints(entry);
        } else {
          proto.set_type(onnx::AttributeProto_AttributeType_FLOATS);
          for (const float entry : value) proto.add_floats(entry);
        }
      },
      attribute);
}

onnx::NodeProto NodeToProto(const graph::Graph& graph, const graph::Node& node) {
  onnx::NodeProto proto;
  proto.set_name(node.name);
  proto.set_op_type(node.op);
  if (!node.domain.empty()) proto.set_domain(node.domain);
  for (const int id : node.inputs) proto.add_input(id < 0 ? std::string() : graph.value(id).name);
  for (const int id : node.outputs) proto.add_output(graph.value(id).name);
  for (const auto& [name, attribute] : node.attributes) {
    onnx::AttributeProto& entry = *proto.add_attribute();
    entry.set_name(name);
    SetAttribute(entry, attribute);
  }
  return proto;
}

// Results, other than outputs, that no reader could infer: those of operators that ONNX does not
// know, and those whose dynamic extents are known by name.
std::vector<int> StatedResults(const graph::Graph& graph) {
  const auto& outputs = graph.outputs();
  std::vector<int> ids;
  for (const graph::Node& node : graph.nodes()) {
    std::copy_if(node.outputs.begin(), node.outputs.end(), std::back_inserter(ids), [&](int id) {
      const graph::Graph::ValueData& value = graph.value(id);
      const bool is_dynamic =
          std::count(value.shape.begin(), value.shape.end(), graph::kDynamic) > 0;
      const bool is_stated = !node.domain.empty() || (is_dynamic && !value.dim_names.empty());
      return is_stated && std::find(outputs.begin(), outputs.end(), id) == outputs.end();
    });
  }
  return ids;
}

}  // namespace

bool IsInline(const graph::Graph::ValueData& constant) {
  return std::holds_alternative<Tensor>(constant.constant);
}

onnx::TensorProto_DataType OnnxType(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return onnx::TensorProto_DataType_FLOAT;
    case DType::kFloat64:
      return onnx::TensorProto_DataType_DOUBLE;
    case DType::kFloat16:
      return onnx::TensorProto_DataType_FLOAT16;
    case DType::kBFloat16:
      return onnx::TensorProto_DataType_BFLOAT16;
    case DType::kInt8:
      return onnx::TensorProto_DataType_INT8;
    case DType::kInt16:
      return onnx::TensorProto_DataType_INT16;
    case DType::kInt32:
      return onnx::TensorProto_DataType_INT32;
    case DType::kInt64:
      return onnx::TensorProto_DataType_INT64;
    case DType::kUInt8:
      return onnx::TensorProto_DataType_UINT8;
    case DType::kUInt16:
      return onnx::TensorProto_DataType_UINT16;
    case DType::kUInt32:
      return onnx::TensorProto_DataType_UINT32;
    case DType::kUInt64:
      return onnx::TensorProto_DataType_UINT64;
    case DType::kBool:
      return onnx::TensorProto_DataType_BOOL;
  }
  return onnx::TensorProto_DataType_UNDEFINED;
}

onnx::ValueInfoProto TypeProto(const graph::Graph::ValueData& value) {
  onnx::ValueInfoProto proto;
  proto.set_name(value.name);
  auto& type = *proto.mutable_type()->mutable_tensor_type();
  type.set_elem_type(OnnxType(value.dtype));
  auto& shape = *type.mutable_shape();
  for (std::size_t i = 0; i < value.shape.size(); ++i) {
    auto& dim = *shape.add_dim();
    if (value.shape[i] != graph::kDynamic) {
      dim.set_dim_value(value.shape[i]);
    } else if (i < value.dim_names.size() && !value.dim_names[i].empty()) {
      dim.set_dim_param(value.dim_names[i]);
    }
  }
  return proto;
}

onnx::TensorProto TensorHeader(const graph::Graph::ValueData& constant) {
  onnx::TensorProto proto;
  proto.set_name(constant.name);
  proto.set_data_type(OnnxType(constant.dtype));
  for (const std::int64_t extent : constant.shape) proto.add_dims(extent);
  return proto;
}

onnx::GraphProto ToProto(const graph::Graph& graph, const std::string& name) {
  onnx::GraphProto proto;
  proto.set_name(name);
  for (const graph::Node& node : graph.nodes()) *proto.add_node() = NodeToProto(graph, node);
  for (const int id : graph.inputs()) *proto.add_input() = TypeProto(graph.value(id));
  for (const int id : graph.outputs()) *proto.add_output() = TypeProto(graph.value(id));
  for (const int id : StatedResults(graph)) *proto.add_value_info() = TypeProto(graph.value(id));
  const auto add_initializer = [&](const graph::Graph::ValueData& value, const Tensor& elements) {
    onnx::TensorProto tensor = TensorHeader(value);
    tensor.set_raw_data(elements.bytes().data(), elements.byte_size());
    *proto.add_initializer() = std::move(tensor);
  };
  // An initializer that bears an input's name is its default value.
  for (const int id : graph.inputs()) {
    const graph::Graph::ValueData& input = graph.value(id);
    if (input.default_value) add_initializer(input, *input.default_value);
  }
  for (const int id : graph.constants()) {
    const graph::Graph::ValueData& constant = graph.value(id);
    if (IsInline(constant)) add_initializer(constant, std::get<Tensor>(constant.constant));
  }
  return proto;
}

int IrVersion(int opset) {
  if (opset <= 11) return 6;
  return opset <= 14 ? 7 : 8;
}

}  // namespace yoloport
