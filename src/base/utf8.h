// Characters of UTF-8 text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace yoloport::base {

struct CodePoint {
  std::uint32_t value;
  std::size_t length;  // in bytes
};

// Bytes of the well-formed sequence (not overlong, no surrogate) at the start of `text`; 0 where
// there is none.
std::size_t Utf8Length(std::string_view text);

// Whether `text` is well-formed UTF-8.
bool IsUtf8(std::string_view text);

// A byte of a character that is not its first.
inline bool IsUtf8Continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// U+0080 to U+009F, control characters as those below U+0020 are, for a whole sequence.
bool IsC1Control(std::string_view sequence);

// The first character of a well-formed text that is not empty.
CodePoint DecodeUtf8(std::string_view text);

void AppendUtf8(std::string& out, std::uint32_t code_point);

}  // namespace yoloport::base
