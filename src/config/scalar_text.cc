#include "config/scalar_text.h"

#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"

namespace yoloport::config {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Without spaces around and underscores between digits; nothing where an underscore is misplaced.
std::optional<std::string> Cleaned(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
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

}  // namespace

std::optional<std::int64_t> ParseInt(std::string_view text) {
  const std::optional<std::string> digits = Cleaned(text);
  if (!digits) return std::nullopt;
  std::int64_t value = 0;
  const char* end = digits->data() + digits->size();
  const auto [stop, error] = std::from_chars(digits->data(), end, value);
  if (stop != end || error != std::errc()) return std::nullopt;
  return value;
}

std::optional<double> ParseFloat(std::string_view text) {
  const std::optional<std::string> digits = Cleaned(text);
  if (!digits) return std::nullopt;
  std::string lower = AsciiLower(*digits);
  const bool is_negative = !lower.empty() && lower[0] == '-';
  if (is_negative) lower.erase(0, 1);
  if (lower.empty() ||
      !(IsDigit(lower[0]) || lower[0] == '.' || lower[0] == 'i' || lower[0] == 'n')) {
    return std::nullopt;
  }
  double value = 0;
  if (lower == "inf" || lower == "infinity") {
    value = std::numeric_limits<double>::infinity();
  } else if (lower == "nan") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    const char* end = lower.data() + lower.size();
    const auto [stop, error] = std::from_chars(lower.data(), end, value);
    if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
    if (error == std::errc::result_out_of_range) {
      value = lower.find("e-") != std::string::npos ? 0.0 : HUGE_VAL;
    }
  }
  return is_negative ? -value : value;
}

}  // namespace yoloport::config
