#include "onnx/read/kept_bytes.h"

#include "onnx/wire/proto_fields.h"
#include "onnx/wire/tensor_header.h"
#include "onnx/wire/wire.h"

namespace yoloport::onnx::read {
namespace {

using wire::Field;

void AddNode(std::string_view message, References& references) {
  wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::node_proto::kInput) && !field.bytes.empty()) {
      references.names.push_back(field.bytes);
    }
    if (field.IsMessage(wire::node_proto::kAttribute))
      AddReferencesOfAttribute(field.bytes, references);
  });
}

void AddGraph(std::string_view message, References& references) {
  wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::graph_proto::kNode)) AddNode(field.bytes, references);
    if (field.IsMessage(wire::graph_proto::kInitializer))
      AddReferencesOfTensor(field.bytes, references);
    if (field.IsMessage(wire::graph_proto::kSparseInitializer)) {
      AddReferencesOfSparseTensor(field.bytes, references);
    }
    if (!field.IsMessage(wire::graph_proto::kOutput)) return;
    wire::ForEachField(field.bytes, [&](const Field& member) {
      if (member.IsMessage(wire::value_proto::kName)) references.names.push_back(member.bytes);
    });
  });
}

}  // namespace

void AddReferencesOfAttribute(std::string_view message, References& references) {
  wire::ForEachField(message, [&](const Field& field) {
    if (field.type != wire::kLengthDelimited) return;
    switch (field.number) {
      case wire::attribute_proto::kGraph:
      case wire::attribute_proto::kGraphs:
        return AddGraph(field.bytes, references);
      case wire::attribute_proto::kTensor:
      case wire::attribute_proto::kTensors:
        return AddReferencesOfTensor(field.bytes, references);
      case wire::attribute_proto::kSparseTensor:
      case wire::attribute_proto::kSparseTensors:
        return AddReferencesOfSparseTensor(field.bytes, references);
      default:
        return;
    }
  });
}

void AddReferencesOfFunction(std::string_view message, References& references) {
  wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::function_proto::kNode)) AddNode(field.bytes, references);
  });
}

void AddReferencesOfTensor(std::string_view message, References& references) {
  wire::ExternalData external;
  wire::ReadExternalData(message, external);
  references.has_external_data |= external.used;
}

void AddReferencesOfSparseTensor(std::string_view message, References& references) {
  wire::ForEachField(message, [&](const Field& field) {
    const bool is_tensor = field.IsMessage(wire::sparse_tensor_proto::kValues) ||
                           field.IsMessage(wire::sparse_tensor_proto::kIndices);
    if (is_tensor) AddReferencesOfTensor(field.bytes, references);
  });
}

}  // namespace yoloport::onnx::read
