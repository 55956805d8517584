#include "onnx/wire/tensor_header.h"

#include <array>
#include <utility>

#include "onnx/wire/proto_fields.h"
#include "onnx/wire/wire.h"
#include "yoloport/text.h"

namespace yoloport::onnx::wire {
namespace {

using tensor::DType;

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
bool ReadDims(const Field& field, tensor::Shape& dims) {
  if (field.type == kVarint) {
    dims.push_back(static_cast<std::int64_t>(field.varint));
    return true;
  }
  base::ByteReader reader(std::as_bytes(std::span(field.bytes)));
  while (reader.remaining() > 0) {
    std::uint64_t value = 0;
    if (!ReadVarint(reader, value)) return false;
    dims.push_back(static_cast<std::int64_t>(value));
  }
  return true;
}

void ReadExternalEntry(std::string_view bytes, ExternalData& external, bool& whole) {
  std::string_view key;
  std::string_view value;
  whole &= ForEachField(bytes, [&](const Field& field) {
    if (field.IsMessage(entry_proto::kKey)) key = field.bytes;
    if (field.IsMessage(entry_proto::kValue)) value = field.bytes;
  });
  if (key == "location") external.location = value;
  if (key == "offset") external.offset = value;
  if (key == "length") external.length = value;
  external.given = true;
}

}  // namespace

bool ReadTensorHeader(std::string_view message, OnnxTensor& tensor) {
  tensor = {};
  bool dims_are_whole = true;
  const bool whole = ForEachField(message, [&](const Field& field) {
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

std::int64_t ToOnnxType(DType dtype) {
  for (const auto& [number, known] : kTypes) {
    if (known == dtype) return number;
  }
  return 0;
}

bool ReadExternalData(std::string_view message, ExternalData& external) {
  bool whole = true;
  whole &= ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(tensor_proto::kExternalData)) {
      ReadExternalEntry(field.bytes, external, whole);
    }
    if (field.number == tensor_proto::kDataLocation) external.used = field.varint == 1;
  });
  return whole;
}

std::optional<ByteRange> RangeOf(const ExternalData& external, std::uint64_t size) {
  const auto offset = external.offset.empty() ? std::optional<std::uint64_t>(0)
                                              : ParseNumber<std::uint64_t>(external.offset);
  if (!offset || *offset > size) return std::nullopt;
  const auto length = external.length.empty() ? std::optional(size - *offset)
                                              : ParseNumber<std::uint64_t>(external.length);
  if (!length || *length > size - *offset) return std::nullopt;
  return ByteRange{*offset, *length};
}

}  // namespace yoloport::onnx::wire
