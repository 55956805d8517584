#include "onnx/outline/input_defaults.h"

#include <set>

#include "onnx/wire/proto_fields.h"
#include "onnx/wire/tensor_header.h"
#include "onnx/wire/wire_edit.h"

namespace yoloport::onnx::outline {
namespace {

std::set<std::string_view> InputNames(std::string_view graph) {
  std::set<std::string_view> names;
  wire::ForEachField(graph, [&](const wire::Field& field) {
    if (!field.IsMessage(wire::graph_proto::kInput)) return;
    wire::ForEachField(field.bytes, [&](const wire::Field& member) {
      if (member.IsMessage(wire::value_proto::kName)) names.insert(member.bytes);
    });
  });
  return names;
}

// The elements of an initializer, if they are stored in the usual way and the name is one of
// `names`.
bool ReadDefault(std::string_view message, const std::set<std::string_view>& names,
                 InputDefaults& defaults) {
  wire::OnnxTensor tensor;
  tensor::DType dtype{};
  if (!wire::ReadTensorHeader(message, tensor) || !names.contains(tensor.name) ||
      !wire::FromOnnxType(tensor.type, dtype)) {
    return false;
  }
  std::uint64_t size = tensor::ElementSize(dtype);
  for (const std::int64_t extent : tensor.dims) {
    if (extent < 0 || static_cast<std::uint64_t>(extent) > tensor.raw.size()) return false;
    if (size > tensor.raw.size()) return false;
    size *= static_cast<std::uint64_t>(extent);
  }
  if (size != tensor.raw.size()) return false;
  const auto owner = std::make_shared<std::string>(tensor.raw);
  const auto* data = reinterpret_cast<const std::byte*>(owner->data());
  defaults.values.emplace(tensor.name, tensor::Tensor(dtype, tensor.dims, owner, data));
  return true;
}

std::string WithoutDefaults(std::string_view graph, InputDefaults& defaults) {
  const std::set<std::string_view> names = InputNames(graph);
  std::string rest;
  wire::ForEachRawField(graph, [&](const wire::Field& field, std::string_view raw) {
    const bool is_default = field.IsMessage(wire::graph_proto::kInitializer) &&
                            ReadDefault(field.bytes, names, defaults);
    if (!is_default) rest += raw;
  });
  return rest;
}

// Whether an initializer bears the name of an input: without a copy of the file.
bool HasDefaults(std::string_view graph) {
  const std::set<std::string_view> names = InputNames(graph);
  bool found = false;
  wire::ForEachField(graph, [&](const wire::Field& field) {
    wire::OnnxTensor tensor;
    found |= field.IsMessage(wire::graph_proto::kInitializer) &&
             wire::ReadTensorHeader(field.bytes, tensor) && names.contains(tensor.name);
  });
  return found;
}

}  // namespace

InputDefaults TakeInputDefaults(std::string_view model) {
  bool found = false;
  const bool whole = wire::ForEachField(model, [&](const wire::Field& field) {
    found |= field.IsMessage(wire::model_proto::kGraph) && HasDefaults(field.bytes);
  });
  InputDefaults defaults;
  if (!whole || !found) return defaults;
  wire::ForEachRawField(model, [&](const wire::Field& field, std::string_view raw) {
    if (field.IsMessage(wire::model_proto::kGraph)) {
      wire::AppendBytes(defaults.model, field.number, WithoutDefaults(field.bytes, defaults));
    } else {
      defaults.model += raw;
    }
  });
  if (defaults.values.empty()) defaults.model.clear();
  return defaults;
}

}  // namespace yoloport::onnx::outline
