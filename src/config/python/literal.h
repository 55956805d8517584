// What number and string tokens stand for.
#pragma once

#include <string>
#include <string_view>

#include "config/python/lexer.h"
#include "config/python/value.h"

namespace yoloport::config::python {

// An int or a float; unknown for a complex one and an int that does not fit 64 bits. Throws
// ConfigError for a malformed number.
Value NumberLiteral(Heap& heap, const Lexeme& lexeme, Position at);

// A string token taken apart.
struct StringParts {
  bool raw = false;
  bool bytes = false;
  bool format = false;       // an f-string
  std::size_t begin = 0;     // of the content, within the token
  std::string_view content;  // between the quotes
};
StringParts TakeApart(std::string_view token);

// `content` with its escapes resolved, as UTF-8. `text` and `offset` (of the content in the text)
// are for messages.
std::string Unescape(const Sources& sources, const TemplateText& text, std::size_t offset,
                     std::string_view content);

}  // namespace yoloport::config::python
