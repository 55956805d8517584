// Values as text, as Python writes them.
#pragma once

#include <string>
#include <string_view>

#include "config/python/value.h"

namespace yoloport::config::python {

// repr(value). Not-a-number and infinity are `nan` and `inf`.
std::string Repr(Heap& heap, const Value& value);

// str(value): a string as it is, else its repr.
std::string Str(Heap& heap, const Value& value);

// repr of a float: the shortest text that reads back as the same number.
std::string DoubleText(double value);

// "range(0, 3)".
std::string RangeText(const Range& range);

// A string in quotes, with what is not printed escaped.
std::string StringRepr(std::string_view text);

// format(value, spec). Of the format language fill, alignment, '0', width, precision and the types
// d f e g % s are known; others are refused at `at`.
std::string Format(Heap& heap, const Value& value, std::string_view spec, Position at);

// Where `part` next stands in `text`, or npos. Unlike std::string::find it takes time in proportion
// to both, whatever they are.
std::size_t FindText(std::string_view text, std::string_view part, std::size_t from);

}  // namespace yoloport::config::python
