#include "config/lexer.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "config/limits.h"

namespace yoloport::config {
namespace {

// Longest first: the first that matches is the token.
constexpr std::array<std::string_view, 47> kOperators = {
    "**=", "//=", "<<=", ">>=", "...", "**", "//", "<<", ">>", "<=", ">=", "==",
    "!=",  "->",  "+=",  "-=",  "*=",  "/=", "%=", "&=", "|=", "^=", "@=", ":=",
    "(",   ")",   "[",   "]",   "{",   "}",  ",",  ":",  ".",  ";",  "@",  "=",
    "+",   "-",   "*",   "/",   "%",   "&",  "|",  "^",  "~",  "<",  ">"};

constexpr std::size_t kTabStop = 8;  // Python's

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

struct CodePoint {
  std::uint32_t value;
  std::size_t length;
};

// The character at the start of `text`, which is well-formed UTF-8 and not empty.
CodePoint Decode(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (byte(0) < 0x80) return {byte(0), 1};
  const std::size_t length = byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  std::uint32_t value = byte(0) & (0x7FU >> length);
  for (std::size_t i = 1; i < length; ++i) value = value << 6 | (byte(i) & 0x3FU);
  return {value, length};
}

// Letters that names are made of in practice. Python's own table is larger; what matters is that
// typographic quotes and full-width commas are no letters.
bool IsForeignLetter(std::uint32_t c) {
  struct Range {
    std::uint32_t first, last;
  };
  constexpr std::array<Range, 6> kRanges = {{{0xC0, 0x24F},       // Latin
                                             {0x370, 0x52F},      // Greek, Cyrillic
                                             {0x3041, 0x30FF},    // kana
                                             {0x3400, 0x4DBF},    // CJK
                                             {0x4E00, 0x9FFF},    // CJK
                                             {0xAC00, 0xD7A3}}};  // Hangul
  for (const Range& range : kRanges) {
    if (c >= range.first && c <= range.last) return c != 0xD7 && c != 0xF7;
  }
  return false;
}

class Lexer {
 public:
  Lexer(const Sources& sources, const TemplateText& text, std::size_t begin, std::size_t end,
        bool in_brackets)
      : sources_(sources),
        text_(text),
        all_(text.text().substr(0, end)),
        at_(begin),
        in_brackets_(in_brackets),
        line_start_(!in_brackets) {}

  std::vector<Lexeme> Run() {
    while (Step()) {
    }
    return std::move(lexemes_);
  }

 private:
  [[noreturn]] void Fail(std::size_t offset, std::string_view message,
                         std::string hint = {}) const {
    sources_.Fail(text_.At(offset), message, std::move(hint));
  }

  std::string_view Rest() const { return all_.substr(at_); }
  char Peek(std::size_t ahead = 0) const {
    return at_ + ahead < all_.size() ? all_[at_ + ahead] : '\0';
  }
  bool Inside() const { return in_brackets_ || !open_.empty(); }

  void Emit(Token token, std::size_t length) {
    lexemes_.push_back({token, static_cast<std::uint32_t>(at_), all_.substr(at_, length)});
    at_ += length;
  }

  // One token, space or comment; false at the end.
  bool Step() {
    if (line_start_ && !Inside()) ReadIndentation();
    if (at_ >= all_.size()) return Finish();
    const char c = Peek();
    if (c == '\n' || (c == '\r' && Peek(1) == '\n')) {
      ReadLineEnd(c == '\r' ? 2 : 1);
    } else if (c == ' ' || c == '\t' || c == '\f' || c == '\r') {
      ++at_;
    } else if (c == '#') {
      while (at_ < all_.size() && Peek() != '\n') ++at_;
    } else if (c == '\\') {
      ReadContinuation();
    } else if (StringStart() > 0 || c == '\'' || c == '"') {
      ReadString();
    } else if (IsDigit(c) || (c == '.' && IsDigit(Peek(1)))) {
      ReadNumber();
    } else if (const std::size_t length = NameLength()) {
      Emit(Token::kName, length);
    } else {
      ReadOperator();
    }
    return true;
  }

  bool Finish() {
    if (!open_.empty()) {
      Fail(open_.back(), std::string("'") + all_[open_.back()] + "' is never closed");
    }
    if (!in_brackets_) {
      if (!lexemes_.empty() && lexemes_.back().token != Token::kNewline) Emit(Token::kNewline, 0);
      for (; indents_.size() > 1; indents_.pop_back()) Emit(Token::kDedent, 0);
    }
    Emit(Token::kEnd, 0);
    return false;
  }

  // At the start of a line: compares its indentation, unless the line is empty or only a comment.
  void ReadIndentation() {
    line_start_ = false;
    std::size_t width = 0;
    std::size_t end = at_;
    for (; end < all_.size(); ++end) {
      if (all_[end] == ' ') {
        ++width;
      } else if (all_[end] == '\t') {
        width = (width / kTabStop + 1) * kTabStop;
      } else if (all_[end] == '\f') {
        width = 0;
      } else {
        break;
      }
    }
    at_ = end;
    if (end >= all_.size() || Peek() == '\n' || Peek() == '\r' || Peek() == '#') return;
    if (width > indents_.back()) {
      if (indents_.size() > kMaxSyntaxDepth) Fail(at_, "indented too deeply");
      indents_.push_back(width);
      Emit(Token::kIndent, 0);
    }
    while (width < indents_.back()) {
      indents_.pop_back();
      Emit(Token::kDedent, 0);
    }
    if (width != indents_.back()) {
      Fail(at_, "this indentation does not match any line above");
    }
  }

  void ReadLineEnd(std::size_t length) {
    const bool is_empty_line = lexemes_.empty() || lexemes_.back().token == Token::kNewline ||
                               lexemes_.back().token == Token::kIndent ||
                               lexemes_.back().token == Token::kDedent;
    if (Inside() || is_empty_line) {
      at_ += length;
    } else {
      Emit(Token::kNewline, length);
    }
    line_start_ = true;
  }

  void ReadContinuation() {
    const std::size_t length = Peek(1) == '\r' && Peek(2) == '\n' ? 3 : Peek(1) == '\n' ? 2 : 0;
    if (length == 0) Fail(at_, "a backslash that does not end its line");
    at_ += length;
  }

  // The length of the letters before a quote, when what follows is a string with a prefix.
  std::size_t StringStart() const {
    std::size_t length = 0;
    while (length < 2 &&
           std::string_view("rRuUbBfF").find(Peek(length)) != std::string_view::npos &&
           Peek(length) != '\0') {
      ++length;
    }
    return Peek(length) == '\'' || Peek(length) == '"' ? length : 0;
  }

  void ReadString() {
    const std::size_t start = at_;
    std::size_t at = at_ + StringStart();
    const char quote = all_[at];
    const bool triple = all_.substr(at, 3) == std::string(3, quote);
    const std::string closing(triple ? 3 : 1, quote);
    at += closing.size();
    while (all_.substr(at, closing.size()) != closing) {
      if (at >= all_.size() || (!triple && all_[at] == '\n')) {
        Fail(start, triple ? "this triple-quoted string is never closed"
                           : "this string is not closed on its line");
      }
      at = std::min(at + StringStep(at), all_.size());
    }
    Emit(Token::kString, at + closing.size() - start);
  }

  // One character of a string, or an escape: a backslash and what it protects.
  std::size_t StringStep(std::size_t at) const {
    if (all_[at] != '\\') return 1;
    return all_.substr(at + 1, 2) == "\r\n" ? 3 : 2;
  }

  // Everything that can belong to a number; the parser checks it. A point behind a fraction or
  // exponent leads to an attribute: 3.0.is_integer.
  void ReadNumber() {
    std::size_t length = 0;
    const bool is_hex = Peek() == '0' && (Peek(1) == 'x' || Peek(1) == 'X');
    bool is_real = false;
    while (true) {
      const char c = Peek(length);
      if (c == '.' && is_real && IsLetter(Peek(length + 1))) break;
      is_real = is_real || c == '.' || (!is_hex && (c == 'e' || c == 'E'));
      const bool is_sign = (c == '+' || c == '-') && length > 0 && !is_hex &&
                           (Peek(length - 1) == 'e' || Peek(length - 1) == 'E');
      if (!IsDigit(c) && !IsLetter(c) && c != '.' && !is_sign) break;
      ++length;
    }
    Emit(Token::kNumber, length);
  }

  std::size_t NameLength() const {
    std::size_t length = 0;
    while (at_ + length < all_.size()) {
      const CodePoint c = Decode(all_.substr(at_ + length));
      const bool is_ascii = c.length == 1;
      if (is_ascii ? !IsLetter(Peek(length)) && !(length > 0 && IsDigit(Peek(length)))
                   : !IsForeignLetter(c.value)) {
        break;
      }
      length += c.length;
    }
    return length;
  }

  void ReadOperator() {
    if (Rest().substr(0, 2) == "{{") {
      ReadBaseReference();
      return;
    }
    for (const std::string_view op : kOperators) {
      if (Rest().substr(0, op.size()) != op) continue;
      TrackBrackets(op[0]);
      Emit(Token::kOperator, op.size());
      return;
    }
    const std::size_t length = Decode(Rest()).length;
    Fail(at_, "the character " + Quote(all_.substr(at_, length)) + " does not belong here",
         length > 1 ? "outside of strings, quotes and punctuation must be plain ASCII" : "");
  }

  void ReadBaseReference() {
    const auto reference = MatchBaseReference(Rest());
    if (!reference) {
      Fail(at_, "'{{' does not start a template that is known",
           "known are {{ _base_.NAME }}, {{ fileDirname }}, {{ fileBasename }}, "
           "{{ fileBasenameNoExtension }}, {{ fileExtname }} and {{ $VARIABLE:default }}");
    }
    Emit(Token::kBaseReference, reference->length);
  }

  void TrackBrackets(char c) {
    if (c == '(' || c == '[' || c == '{') {
      if (open_.size() >= kMaxSyntaxDepth) {
        Fail(at_, "more than " + std::to_string(kMaxSyntaxDepth) + " brackets within one another");
      }
      open_.push_back(at_);
    } else if (c == ')' || c == ']' || c == '}') {
      const char opening = c == ')' ? '(' : c == ']' ? '[' : '{';
      if (open_.empty()) Fail(at_, std::string("'") + c + "' closes nothing that is open");
      if (all_[open_.back()] != opening) {
        Fail(at_, std::string("'") + c + "' does not match '" + all_[open_.back()] +
                      "' opened at " + sources_.Place(text_.At(open_.back())));
      }
      open_.pop_back();
    }
  }

  const Sources& sources_;
  const TemplateText& text_;
  std::string_view all_;
  std::size_t at_;
  bool in_brackets_;
  bool line_start_;
  std::vector<std::size_t> open_;  // offsets of open brackets
  std::vector<std::size_t> indents_ = {0};
  std::vector<Lexeme> lexemes_;
};

}  // namespace

std::vector<Lexeme> Tokenize(const Sources& sources, const TemplateText& text, std::size_t begin,
                             std::size_t end, bool in_brackets) {
  return Lexer(sources, text, begin, end, in_brackets).Run();
}

}  // namespace yoloport::config
