#include "onnx/wire/wire.h"

namespace yoloport::onnx::wire {

bool ReadVarint(base::ByteReader& reader, std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    std::uint8_t byte = 0;
    if (!reader.Read(byte)) return false;
    value |= std::uint64_t{byte & 0x7FU} << shift;
    if ((byte & 0x80U) == 0) return true;
  }
  return false;
}

bool ReadField(base::ByteReader& reader, Field& field) {
  std::uint64_t tag = 0;
  if (!ReadVarint(reader, tag)) return false;
  field = {tag >> 3, static_cast<Type>(tag & 7), 0, {}};
  std::uint64_t length = 0;
  switch (field.type) {
    case kVarint:
      return ReadVarint(reader, field.varint);
    case kFixed64:
      return reader.ReadText(8, field.bytes);
    case kLengthDelimited:
      return ReadVarint(reader, length) && reader.ReadText(length, field.bytes);
    case kFixed32:
      return reader.ReadText(4, field.bytes);
  }
  return false;
}

}  // namespace yoloport::onnx::wire
