// Values as text, as Python writes them.
#pragma once

#include <string>
#include <string_view>

#include "config/value.h"

namespace yoloport::config {

// repr(value). Not-a-number and infinity are `nan` and `inf`.
std::string Repr(Heap& heap, const Value& value);

// str(value): a string as it is, else its repr.
std::string Str(Heap& heap, const Value& value);

// repr of a float: the shortest text that reads back as the same number.
std::string DoubleText(double value);

// A string in quotes.
std::string StringRepr(std::string_view text);

// format(value, spec). Of the format language fill, alignment, '0', width, precision and the types
// d f e g % s are known; others are refused at `at`.
std::string Format(Heap& heap, const Value& value, std::string_view spec, Position at);

// Characters of UTF-8 text: how many, and where each begins (with the text's size at the end).
std::size_t CharacterCount(std::string_view text);
std::vector<std::size_t> CharacterOffsets(std::string_view text);

}  // namespace yoloport::config
