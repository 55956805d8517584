// Characters of UTF-8 text, and what Python's tables say of them. Texts must be well-formed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace yoloport::config {

struct CodePoint {
  std::uint32_t value;
  std::size_t length;  // in bytes
};

// The first character of a text that is not empty.
CodePoint DecodeUtf8(std::string_view text);

void AppendUtf8(std::string& out, std::uint32_t code_point);

// How many characters, and where each begins (with the text's size at the end).
std::size_t CharacterCount(std::string_view text);
std::vector<std::size_t> CharacterOffsets(std::string_view text);

// What str.isspace() says: strip(), split(), int() and float() skip it.
bool IsSpace(std::uint32_t c);

// `text` without spaces at its start (its end).
std::string_view WithoutSpacesBefore(std::string_view text);
std::string_view WithoutSpacesAfter(std::string_view text);

// A decimal digit that is not ASCII: int() and float() read it.
bool IsForeignDigit(std::uint32_t c);

// A letter past ASCII that may be part of a name, and that Python does not replace by another one.
bool IsForeignLetter(std::uint32_t c);

// What str.isprintable() says: repr() escapes all else. Of rare scripts it depends on how old
// Python is: kUnknown.
enum class Printable { kNo, kYes, kUnknown };
Printable IsPrintable(std::uint32_t c);

}  // namespace yoloport::config
