// What Python's tables say of the characters of a text, which must be well-formed UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/utf8.h"

namespace yoloport::config::python {

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

}  // namespace yoloport::config::python
