#include "config/python/scalar_text.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "config/python/unicode.h"

namespace yoloport::config::python {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
// Without spaces around and underscores between digits; nothing where an underscore is misplaced.
std::optional<std::string> Cleaned(std::string_view text) {
  // Unlike strip(), int() and float() keep these four, and then refuse them.
  if (text.find_first_of("\x1C\x1D\x1E\x1F") != std::string_view::npos) return std::nullopt;
  text = WithoutSpacesAfter(WithoutSpacesBefore(text));
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
    } else if (i == 0 || i + 1 == text.size() || !IsDigit(text[i - 1]) || !IsDigit(text[i + 1])) {
      return std::nullopt;
    }
  }
  if (!out.empty() && out[0] == '+') {  // from_chars knows no plus
    out.erase(0, 1);
    if (!out.empty() && out[0] == '-') return std::nullopt;
  }
  return out;
}

// Whether the first digit of a decimal number that is not 0 stands left of its point, the exponent
// included: of one that no double holds, whether it is too large, not too small.
bool IsLarge(std::string_view text) {
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  const std::string_view digits = text.substr(0, e);
  const std::size_t first = std::min(digits.find_first_of("123456789"), digits.size());
  const std::size_t point = std::min(digits.find('.'), digits.size());
  std::string_view exponent_text = e < text.size() ? text.substr(e + 1) : "0";
  if (exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
  std::int64_t exponent = 0;
  const auto [stop, error] =
      std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
  if (error == std::errc::result_out_of_range) return exponent_text[0] != '-';
  return static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) > -exponent;
}

}  // namespace

std::optional<std::int64_t> ParseInt(std::string_view text) {
  std::int64_t value = 0;
  return ReadInt(text, value) == IntText::kRead ? std::optional(value) : std::nullopt;
}

IntText ReadInt(std::string_view text, std::int64_t& value) {
  const std::optional<std::string> digits = Cleaned(text);
  if (!digits) return IntText::kNone;
  const char* end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(digits->data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return IntText::kNone;
  return error == std::errc() ? IntText::kRead : IntText::kTooLarge;
}

std::optional<double> ParseDecimal(std::string_view text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc()) return value;
  return std::copysign(IsLarge(text) ? HUGE_VAL : 0.0, text[0] == '-' ? -1.0 : 1.0);
}

std::optional<double> ParseFloat(std::string_view text) {
  const std::optional<std::string> digits = Cleaned(text);
  if (!digits) return std::nullopt;
  std::string lower = base::AsciiLower(*digits);
  const bool is_negative = !lower.empty() && lower[0] == '-';
  if (is_negative) lower.erase(0, 1);
  if (lower.empty()) return std::nullopt;
  std::optional<double> value;
  if (lower == "inf" || lower == "infinity") {
    value = std::numeric_limits<double>::infinity();
  } else if (lower == "nan") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else if (IsDigit(lower[0]) || lower[0] == '.') {
    value = ParseDecimal(lower);
  }
  if (value && is_negative) value = -*value;
  return value;
}

}  // namespace yoloport::config::python
