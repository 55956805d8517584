// Protocol buffers' wire format, as far as ONNX uses it: for those who want a few fields of a file
// of many megabytes, and must not load libonnx for them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "base/byte_reader.h"

namespace yoloport::onnx::wire {

enum Type : unsigned { kVarint = 0, kFixed64 = 1, kLengthDelimited = 2, kFixed32 = 5 };

struct Field {
  std::uint64_t number = 0;
  Type type = kVarint;
  std::uint64_t varint = 0;
  std::string_view bytes;  // of all other types

  bool IsMessage(std::uint64_t wanted) const {
    return number == wanted && type == kLengthDelimited;
  }
};

// False when the bytes end in the number.
bool ReadVarint(base::ByteReader& reader, std::uint64_t& value);

// The next field. False when the bytes end in it or its type is none that ONNX uses.
bool ReadField(base::ByteReader& reader, Field& field);

// Calls `visit` with each field of `message`. False when the message is broken; `visit` has then
// seen the fields before.
template <typename Visit>
bool ForEachField(std::string_view message, const Visit& visit) {
  base::ByteReader reader(std::as_bytes(std::span(message)));
  while (reader.remaining() > 0) {
    Field field;
    if (!ReadField(reader, field)) return false;
    visit(field);
  }
  return true;
}

}  // namespace yoloport::onnx::wire
