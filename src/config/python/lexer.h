// Text to tokens, as Python splits it.
#pragma once

#include <string_view>
#include <vector>

#include "config/python/source.h"
#include "config/python/template_text.h"

namespace yoloport::config::python {

enum class Token : std::uint8_t {
  kEnd,
  kNewline,  // the end of a statement's line, never inside brackets
  kIndent,
  kDedent,
  kName,  // and keywords
  kNumber,
  kString,         // with prefix and quotes
  kOperator,       // brackets and punctuation too
  kBaseReference,  // {{ _base_.x }} outside of a string
};

struct Lexeme {
  Token token;
  std::uint32_t offset;
  std::string_view text;  // a view into the TemplateText
};

// The tokens of `text` from `begin` to `end`, closed by kEnd; with `in_brackets` line ends are
// spaces (an expression inside an f-string). Throws ConfigError for what is no token, for brackets
// that do not match and for indentation that does not fit.
std::vector<Lexeme> Tokenize(const Sources& sources, const TemplateText& text, std::size_t begin,
                             std::size_t end, bool in_brackets);

}  // namespace yoloport::config::python
