#include "onnx/write/encode.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "onnx/wire/proto_fields.h"
#include "onnx/wire/tensor_header.h"
#include "onnx/wire/wire_edit.h"

namespace yoloport::onnx::write {
namespace {

using graph::Graph;

// The version of the file format that goes with an opset.
std::int64_t IrVersion(int opset) {
  if (opset <= 11) return 6;
  return opset <= 14 ? 7 : 8;
}

std::string EncodeAttribute(const std::string& name, const graph::Attribute& attribute) {
  if (const auto* raw = std::get_if<graph::Raw>(&attribute)) return std::string(raw->bytes);
  std::string out;
  wire::AppendBytes(out, wire::attribute_proto::kName, name);
  std::int64_t type = 0;
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::int64_t>) {
          type = wire::attribute_proto::kIsInt;
          wire::AppendInt(out, wire::attribute_proto::kInt, value);
        } else if constexpr (std::is_same_v<T, float>) {
          type = wire::attribute_proto::kIsFloat;
          wire::AppendFloat(out, wire::attribute_proto::kFloat, value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          type = wire::attribute_proto::kIsString;
          wire::AppendBytes(out, wire::attribute_proto::kString, value);
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          type = wire::attribute_proto::kIsInts;
          for (const std::int64_t entry : value) {
            wire::AppendInt(out, wire::attribute_proto::kInts, entry);
          }
        } else if constexpr (std::is_same_v<T, std::vector<float>>) {
          type = wire::attribute_proto::kIsFloats;
          for (const float entry : value)
            wire::AppendFloat(out, wire::attribute_proto::kFloats, entry);
        }
      },
      attribute);
  wire::AppendInt(out, wire::attribute_proto::kType, type);
  return out;
}

std::string EncodeNode(const Graph& graph, const graph::Node& node) {
  const auto name_of = [&](int id) { return id < 0 ? std::string() : graph.value(id).name; };
  std::string out;
  for (const int id : node.inputs) wire::AppendBytes(out, wire::node_proto::kInput, name_of(id));
  for (const int id : node.outputs) wire::AppendBytes(out, wire::node_proto::kOutput, name_of(id));
  wire::AppendBytes(out, wire::node_proto::kName, node.name);
  wire::AppendBytes(out, wire::node_proto::kType, node.op);
  for (const auto& [name, attribute] : node.attributes) {
    wire::AppendBytes(out, wire::node_proto::kAttribute, EncodeAttribute(name, attribute));
  }
  if (!node.domain.empty()) wire::AppendBytes(out, wire::node_proto::kDomain, node.domain);
  return out + node.rest;
}

std::string EncodeShape(const Graph::ValueData& value) {
  std::string out;
  for (std::size_t i = 0; i < value.shape.size(); ++i) {
    std::string dim;
    if (value.shape[i] != graph::kDynamic) {
      wire::AppendInt(dim, wire::dim_proto::kValue, value.shape[i]);
    } else if (i < value.dim_names.size() && !value.dim_names[i].empty()) {
      wire::AppendBytes(dim, wire::dim_proto::kParam, value.dim_names[i]);
    }
    wire::AppendBytes(out, wire::shape_proto::kDim, dim);
  }
  return out;
}

// TypeProto; "" where nothing is known.
std::string EncodeType(const Graph::ValueData& value) {
  if (!value.has_dtype) return std::string(value.raw_type.bytes);
  std::string tensor;
  wire::AppendInt(tensor, wire::tensor_type_proto::kElement, wire::ToOnnxType(value.dtype));
  if (value.has_shape)
    wire::AppendBytes(tensor, wire::tensor_type_proto::kShape, EncodeShape(value));
  std::string out;
  wire::AppendBytes(out, wire::type_proto::kTensor, tensor);
  return out;
}

bool IsStated(const graph::Node& node, const Graph::ValueData& value) {
  if (value.is_stated) return true;
  if (!value.has_shape) return false;
  const bool is_dynamic = std::count(value.shape.begin(), value.shape.end(), graph::kDynamic) > 0;
  return !node.domain.empty() || (is_dynamic && !value.dim_names.empty());
}

std::string EncodeImport(const std::string& domain, std::int64_t version) {
  std::string import;
  wire::AppendBytes(import, wire::opset_proto::kDomain, domain);
  wire::AppendInt(import, wire::opset_proto::kVersion, version);
  std::string out;
  wire::AppendBytes(out, wire::model_proto::kOpsetImport, import);
  return out;
}

// What the file that was read imports, and what nodes need beside that.
std::string EncodeImports(const Graph& graph, const OnnxHeader& header) {
  std::vector<OpsetImport> imports = header.imports;
  if (imports.empty()) imports.push_back({"", graph.opset()});
  std::map<std::string, std::int64_t> others;
  for (const graph::Node& node : graph.nodes()) {
    if (!node.domain.empty() && node.domain != "ai.onnx") others[node.domain] = 1;
  }
  std::string out;
  for (const OpsetImport& import : imports) {
    out += EncodeImport(import.domain, import.version);
    others.erase(import.domain);
  }
  for (const auto& [domain, version] : others) out += EncodeImport(domain, version);
  return out;
}

}  // namespace

std::string EncodeModelStart(const Graph& graph, const OnnxHeader& header) {
  std::string out;
  wire::AppendInt(out, wire::model_proto::kIrVersion,
                  header.ir_version.value_or(IrVersion(graph.opset())));
  wire::AppendBytes(out, wire::model_proto::kProducerName, header.producer_name);
  wire::AppendBytes(out, wire::model_proto::kProducerVersion, header.producer_version);
  return out + EncodeImports(graph, header) + header.model_rest;
}

std::string EncodeMetadata(const std::string& key, const std::string& value) {
  std::string entry;
  wire::AppendBytes(entry, wire::entry_proto::kKey, key);
  wire::AppendBytes(entry, wire::entry_proto::kValue, value);
  std::string out;
  wire::AppendBytes(out, wire::model_proto::kMetadataProps, entry);
  return out;
}

std::string EncodeNodes(const Graph& graph) {
  std::string out;
  for (const graph::Node& node : graph.nodes()) {
    wire::AppendBytes(out, wire::graph_proto::kNode, EncodeNode(graph, node));
  }
  return out;
}

std::string EncodeTypes(const Graph& graph) {
  std::string out;
  const auto append = [&](std::uint64_t field, int id) {
    wire::AppendBytes(out, field, EncodeValue(graph.value(id)));
  };
  std::vector<int> outputs = graph.outputs();
  for (const int id : graph.inputs()) append(wire::graph_proto::kInput, id);
  for (const int id : outputs) append(wire::graph_proto::kOutput, id);
  std::sort(outputs.begin(), outputs.end());
  for (const graph::Node& node : graph.nodes()) {
    for (const int id : node.outputs) {
      if (id < 0 || std::binary_search(outputs.begin(), outputs.end(), id)) continue;
      if (IsStated(node, graph.value(id))) append(wire::graph_proto::kValueInfo, id);
    }
  }
  return out;
}

std::string EncodeValue(const Graph::ValueData& value) {
  std::string out;
  wire::AppendBytes(out, wire::value_proto::kName, value.name);
  const std::string type = EncodeType(value);
  if (!type.empty()) wire::AppendBytes(out, wire::value_proto::kType, type);
  return out + value.rest;
}

std::string EncodeTensorHeader(const Graph::ValueData& value) {
  std::string out;
  for (const std::int64_t extent : value.shape)
    wire::AppendInt(out, wire::tensor_proto::kDims, extent);
  wire::AppendInt(out, wire::tensor_proto::kDataType, wire::ToOnnxType(value.dtype));
  wire::AppendBytes(out, wire::tensor_proto::kName, value.name);
  return out;
}

}  // namespace yoloport::onnx::write
