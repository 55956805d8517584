// What front ends need for their own messages: text from strangers made fit to print, the name
// that was meant, numbers read whole.
#pragma once

#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <system_error>

namespace yoloport {

// `text` with a question mark for each byte that could move a terminal's cursor or is not UTF-8:
// control characters, U+0080 to U+009F among them, and bytes outside well-formed sequences.
std::string Printable(std::string_view text);

// What a text file holds, in UTF-8 and without a byte order mark: UTF-16, which begins with one, is
// converted. All else stays as it is. Nothing where UTF-16 is cut off or malformed.
std::optional<std::string> TextOfFile(std::string_view bytes);

// The entry of `known` nearest to `word` by edit distance (two swapped letters count one), or ""
// when none is near (more than a third of its letters differ) or `word` is longer than any word
// that people mistype.
std::string NearestName(std::string_view word, std::span<const std::string> known);

// The number that all of `text` is; nothing where it is none, something follows it, or `Number`
// does not hold it. No spaces, no plus sign. `base...` is nothing or an integer's base, 2 to 36.
template <typename Number, typename... Base>
std::optional<Number> ParseNumber(std::string_view text, Base... base) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number, base...);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

}  // namespace yoloport
