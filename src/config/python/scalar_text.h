// Numbers in strings, as Python's int() and float() read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yoloport::config::python {

// Nothing where `text` is no number (or, for ParseInt, does not fit 64 bits). Surrounding spaces, a
// sign and single underscores between digits are allowed; ParseFloat also reads inf, infinity and
// nan.
std::optional<std::int64_t> ParseInt(std::string_view text);
std::optional<double> ParseFloat(std::string_view text);

// The same, told from an int that does not fit.
enum class IntText { kNone, kTooLarge, kRead };
IntText ReadInt(std::string_view text, std::int64_t& value);

// A float of digits, point and exponent alone; infinity or 0 where it is past what a double holds.
std::optional<double> ParseDecimal(std::string_view text);

}  // namespace yoloport::config::python
