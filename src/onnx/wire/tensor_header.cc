#include "onnx/wire/tensor_header.h"

#include <array>
#include <utility>

#include "onnx/wire/proto_fields.h"
#include "onnx/wire/wire.h"

namespace yoloport {
namespace {

constexpr std::array<std::pair<std::int64_t, DType>, 13> kTypes = {{
    {1, DType::kFloat32},
    {2, DType::kUInt8},
    {3, DType::kInt8},
    {4, DType::kUInt16},
    {5, DType::kInt16},
    {6, DType::kInt32},
    {7, DType::kInt64},
    {9, DType::kBool},
    {10, DType::kFloat16},
    {11, DType::kFloat64},
    {12, DType::kUInt32},
    {13, DType::kUInt64},
    {16, DType::kBFloat16},
}};

// A repeated integer may also come packed into one field.
bool ReadDims(const wire::Field& field, Shape& dims) {
  if (field.type == wire::kVarint) {
    dims.push_back(static_cast<std::int64_t>(field.varint));
    return true;
  }
  ByteReader reader(std::as_bytes(std::span(field.bytes)));
  while (reader.remaining() > 0) {
    std::uint64_t value = 0;
    if (!wire::ReadVarint(reader, value)) return false;
    dims.push_back(static_cast<std::int64_t>(value));
  }
  return true;
}

}  // namespace

bool ReadTensorHeader(std::string_view message, OnnxTensor& tensor) {
  tensor = {};
  bool dims_are_whole = true;
  const bool whole = wire::ForEachField(message, [&](const wire::Field& field) {
    if (field.number == tensor_proto::kDims) dims_are_whole &= ReadDims(field, tensor.dims);
    if (field.number == tensor_proto::kDataType) {
      tensor.type = static_cast<std::int64_t>(field.varint);
    }
    if (field.IsMessage(tensor_proto::kName)) tensor.name = field.bytes;
    if (field.IsMessage(tensor_proto::kRawData)) tensor.raw = field.bytes;
  });
  return whole && dims_are_whole;
}

bool FromOnnxType(std::int64_t type, DType& dtype) {
  for (const auto& [number, known] : kTypes) {
    if (number != type) continue;
    dtype = known;
    return true;
  }
  return false;
}

}  // namespace yoloport
