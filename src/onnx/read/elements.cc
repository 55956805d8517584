#include "onnx/read/elements.h"

#include <cstring>
#include <vector>

#include "onnx/wire/proto_fields.h"
#include "onnx/wire/wire.h"

namespace yoloport::onnx::read {
namespace {

using tensor::DType;

// The field that holds elements of a type which are not stored as raw data.
std::uint64_t FieldOf(DType dtype) {
  switch (dtype) {
    case DType::kFloat32:
      return wire::tensor_proto::kFloatData;
    case DType::kFloat64:
      return wire::tensor_proto::kDoubleData;
    case DType::kInt64:
      return wire::tensor_proto::kInt64Data;
    case DType::kUInt32:
    case DType::kUInt64:
      return wire::tensor_proto::kUInt64Data;
    default:
      return wire::tensor_proto::kInt32Data;
  }
}

// The next number of a packed field.
bool ReadPacked(base::ByteReader& reader, std::uint64_t field, std::uint64_t& value) {
  if (field == wire::tensor_proto::kDoubleData) return reader.Read(value);
  if (field != wire::tensor_proto::kFloatData) return wire::ReadVarint(reader, value);
  std::uint32_t bits = 0;
  if (!reader.Read(bits)) return false;
  value = bits;
  return true;
}

// Calls `visit` with the bits of each number of the field for `dtype`, which may be packed or not.
// False when it is broken.
template <typename Visit>
bool ForEachElement(std::string_view message, DType dtype, const Visit& visit) {
  const std::uint64_t wanted = FieldOf(dtype);
  const bool is_varint =
      wanted != wire::tensor_proto::kFloatData && wanted != wire::tensor_proto::kDoubleData;
  bool whole = true;
  whole &= wire::ForEachField(message, [&](const wire::Field& field) {
    if (field.number != wanted) return;
    if (field.type == wire::kVarint) {
      if (is_varint) return visit(field.varint);
      whole = false;
      return;
    }
    if (is_varint && field.type != wire::kLengthDelimited) whole = false;
    base::ByteReader reader(std::as_bytes(std::span(field.bytes)));
    while (whole && reader.remaining() > 0) {
      std::uint64_t value = 0;
      whole = ReadPacked(reader, wanted, value);
      if (whole) visit(value);
    }
  });
  return whole;
}

}  // namespace

std::optional<std::uint64_t> BytesOf(DType dtype, const tensor::Shape& shape) {
  constexpr std::uint64_t kMost = std::uint64_t{1} << 62;
  std::uint64_t bytes = tensor::ElementSize(dtype);
  bool is_empty = false;
  for (const std::int64_t extent : shape) {
    if (extent < 0) return std::nullopt;
    if (extent == 0) is_empty = true;
    const auto factor = extent == 0 ? 1 : static_cast<std::uint64_t>(extent);
    if (factor > kMost / bytes) return std::nullopt;
    bytes *= factor;
  }
  return is_empty ? 0 : bytes;
}

std::optional<std::uint64_t> CountTypedElements(std::string_view message, DType dtype) {
  std::uint64_t count = 0;
  if (!ForEachElement(message, dtype, [&](std::uint64_t) { ++count; })) return std::nullopt;
  return count;
}

tensor::Tensor DecodeTypedElements(std::string_view message, DType dtype,
                                   const tensor::Shape& shape) {
  const std::size_t size = tensor::ElementSize(dtype);
  const auto owner = std::make_shared<std::vector<std::byte>>(
      size * static_cast<std::size_t>(tensor::ElementCount(shape)));
  std::size_t at = 0;
  // Little-endian: an element is the first bytes of the number that it is stored as.
  ForEachElement(message, dtype, [&](std::uint64_t value) {
    if (at + size <= owner->size()) std::memcpy(owner->data() + at, &value, size);
    at += size;
  });
  return tensor::Tensor(dtype, shape, owner, owner->data());
}

}  // namespace yoloport::onnx::read
