// What is asked of a JSON text before it is parsed.
#pragma once

#include <cstddef>
#include <string_view>

namespace yoloport::base {

// Whether brackets that are not within strings are nested more than `most` deep: whoever parses,
// copies or destroys what is nested may need as much of the stack. `text` may be anything.
inline bool IsNestedDeeper(std::string_view text, int most) {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > most) return true;
    } else if (c == ']' || c == '}') {
      --depth;
    }
  }
  return false;
}

}  // namespace yoloport::base
