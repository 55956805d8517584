// Copying a message of the wire format with changes: fields that nobody touches stay byte for byte.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "onnx/wire/wire.h"

namespace yoloport::onnx::wire {

// Calls `visit(field, raw)` with each field of `message` and its bytes, tag included. False when
// the message is broken; `visit` has then seen the fields before.
template <typename Visit>
bool ForEachRawField(std::string_view message, const Visit& visit) {
  base::ByteReader reader(std::as_bytes(std::span(message)));
  while (reader.remaining() > 0) {
    const std::size_t start = reader.position();
    Field field;
    if (!ReadField(reader, field)) return false;
    visit(field, message.substr(start, reader.position() - start));
  }
  return true;
}

void AppendVarint(std::string& out, std::uint64_t value);

// A field of integers, of bytes, or of a 32-bit float.
void AppendInt(std::string& out, std::uint64_t number, std::int64_t value);
void AppendBytes(std::string& out, std::uint64_t number, std::string_view bytes);
void AppendFloat(std::string& out, std::uint64_t number, float value);

// What stands before `length` bytes of a field.
std::string BytesHeader(std::uint64_t number, std::uint64_t length);

}  // namespace yoloport::onnx::wire
