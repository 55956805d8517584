#include "onnx/wire/wire_edit.h"

#include <bit>

namespace yoloport::onnx::wire {

void AppendVarint(std::string& out, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  out += static_cast<char>(value);
}

void AppendInt(std::string& out, std::uint64_t number, std::int64_t value) {
  AppendVarint(out, number << 3 | kVarint);
  AppendVarint(out, static_cast<std::uint64_t>(value));
}

void AppendBytes(std::string& out, std::uint64_t number, std::string_view bytes) {
  out += BytesHeader(number, bytes.size());
  out += bytes;
}

void AppendFloat(std::string& out, std::uint64_t number, float value) {
  AppendVarint(out, number << 3 | kFixed32);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(bits >> shift & 0xFF);
}

std::string BytesHeader(std::uint64_t number, std::uint64_t length) {
  std::string out;
  AppendVarint(out, number << 3 | kLengthDelimited);
  AppendVarint(out, length);
  return out;
}

}  // namespace yoloport::onnx::wire
