#include "onnx/outline/summary.h"

#include <set>

#include "base/mapped_file.h"
#include "base/text.h"
#include "contract/model_card.h"
#include "onnx/outline/read_metadata.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/tensor_header.h"
#include "onnx/wire/wire.h"
#include "yoloport/error.h"

namespace yoloport::onnx::outline {
namespace {

using wire::Field;

std::string TypeName(std::int64_t type) {
  tensor::DType dtype{};
  return wire::FromOnnxType(type, dtype) ? std::string(tensor::DTypeName(dtype))
                                         : "type " + std::to_string(type);
}

std::string ReadExtent(std::string_view message) {
  std::string text = "?";
  wire::ForEachField(message, [&](const Field& field) {
    if (field.number == wire::dim_proto::kValue && field.type == wire::kVarint) {
      text = std::to_string(static_cast<std::int64_t>(field.varint));
    }
    if (field.IsMessage(wire::dim_proto::kParam) && !field.bytes.empty()) text = field.bytes;
  });
  return text;
}

void ReadTensorType(std::string_view message, OnnxValue& value) {
  wire::ForEachField(message, [&](const Field& field) {
    if (field.number == wire::tensor_type_proto::kElement) {
      value.type = TypeName(static_cast<std::int64_t>(field.varint));
    }
    if (!field.IsMessage(wire::tensor_type_proto::kShape)) return;
    wire::ForEachField(field.bytes, [&](const Field& dim) {
      if (dim.IsMessage(wire::shape_proto::kDim)) value.extents.push_back(ReadExtent(dim.bytes));
    });
  });
}

OnnxValue ReadValue(std::string_view message) {
  OnnxValue value;
  wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::value_proto::kName)) value.name = field.bytes;
    if (!field.IsMessage(wire::value_proto::kType)) return;
    wire::ForEachField(field.bytes, [&](const Field& type) {
      if (type.IsMessage(wire::type_proto::kTensor)) ReadTensorType(type.bytes, value);
    });
  });
  return value;
}

bool IsOnnxDomain(std::string_view domain) { return domain.empty() || domain == "ai.onnx"; }

void CountNode(std::string_view message, OnnxSummary& summary) {
  std::string_view type;
  std::string_view domain;
  wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::node_proto::kType)) type = field.bytes;
    if (field.IsMessage(wire::node_proto::kDomain)) domain = field.bytes;
  });
  std::string name = IsOnnxDomain(domain) ? std::string() : std::string(domain) + "::";
  ++summary.operators[name.append(type)];
}

// Elements of dims that come from a file; those that cannot be are counted as none.
std::int64_t CountElements(const tensor::Shape& dims) {
  constexpr std::int64_t kMost = std::int64_t{1} << 40;
  std::int64_t count = 1;
  for (const std::int64_t extent : dims) {
    if (extent < 0 || extent > kMost || count > kMost) return 0;
    if (extent > 0 && count > kMost / extent) return 0;
    count *= extent;
  }
  return count;
}

bool ReadGraph(std::string_view graph, OnnxSummary& summary) {
  std::set<std::string> initialized;
  const bool whole = wire::ForEachField(graph, [&](const Field& field) {
    if (field.IsMessage(wire::graph_proto::kNode)) CountNode(field.bytes, summary);
    if (field.IsMessage(wire::graph_proto::kInput))
      summary.inputs.push_back(ReadValue(field.bytes));
    if (field.IsMessage(wire::graph_proto::kOutput))
      summary.outputs.push_back(ReadValue(field.bytes));
    wire::OnnxTensor tensor;
    if (field.IsMessage(wire::graph_proto::kInitializer) &&
        wire::ReadTensorHeader(field.bytes, tensor)) {
      summary.weights[TypeName(tensor.type)] += CountElements(tensor.dims);
      initialized.emplace(tensor.name);
    }
  });
  for (OnnxValue& input : summary.inputs) input.optional = initialized.contains(input.name);
  return whole;
}

void ReadOpset(std::string_view message, OnnxSummary& summary) {
  std::string_view domain;
  std::int64_t version = 0;
  wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::opset_proto::kDomain)) domain = field.bytes;
    if (field.number == wire::opset_proto::kVersion)
      version = static_cast<std::int64_t>(field.varint);
  });
  summary.opsets[IsOnnxDomain(domain) ? "ai.onnx" : std::string(domain)] = version;
}

}  // namespace

OnnxSummary ReadOnnxSummary(const std::filesystem::path& path) {
  OnnxSummary summary;
  summary.metadata = ReadOnnxMetadata(path);  // refuses what is no ONNX file
  const auto file = base::MappedFile::Open(path);
  summary.bytes = file->bytes().size();
  bool whole = true;
  std::string version;
  whole &= wire::ForEachField(file->text(), [&](const Field& field) {
    if (field.number == wire::model_proto::kIrVersion && field.type == wire::kVarint) {
      summary.ir_version = static_cast<std::int64_t>(field.varint);
    }
    if (field.IsMessage(wire::model_proto::kProducerName)) summary.producer = field.bytes;
    if (field.IsMessage(wire::model_proto::kProducerVersion)) version = field.bytes;
    if (field.IsMessage(wire::model_proto::kOpsetImport)) ReadOpset(field.bytes, summary);
    if (field.IsMessage(wire::model_proto::kGraph)) whole &= ReadGraph(field.bytes, summary);
  });
  if (!whole) throw ModelError(base::Quote(path.native()) + ": its graph is broken");
  if (!version.empty()) summary.producer += " " + version;
  return summary;
}

}  // namespace yoloport::onnx::outline
