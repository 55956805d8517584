// Numbers in strings, as Python's int() and float() read them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace yoloport::config {

// Nothing where `text` is no number (or, for ParseInt, does not fit 64 bits). Surrounding spaces, a
// sign and single underscores between digits are allowed; ParseFloat also reads inf, infinity and
// nan.
std::optional<std::int64_t> ParseInt(std::string_view text);
std::optional<double> ParseFloat(std::string_view text);

}  // namespace yoloport::config
