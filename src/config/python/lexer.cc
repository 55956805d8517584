#include "config/python/lexer.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "config/python/limits.h"
#include "config/python/unicode.h"

namespace yoloport::config::python {
namespace {

// Longest first: the first that matches is the token.
constexpr std::array<std::string_view, 38> kOperators = {
    "**=", "//=", "<<=", ">>=", "...", "**", "//", "<<", ">>", "<=", ">=", "==", "!=",
    "->",  "+=",  "-=",  "*=",  "/=",  "%=", "&=", "|=", "^=", "@=", ":=", ":",  ".",
    "@",   "=",   "+",   "-",   "*",   "/",  "%",  "&",  "|",  "^",  "<",  ">"};

// Of these no longer one begins.
constexpr std::string_view kWholeOperators = ",()[]{};~";

constexpr std::size_t kTabStop = 8;  // Python's

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

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
    if (c == '\n') {
      ReadLineEnd();
    } else if (c == ' ' || c == '\t' || c == '\f') {
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

  // How far a line is indented, with tabs as 8 blanks and as one: Python wants both to agree on
  // which of two lines is indented further.
  struct Indent {
    std::size_t width = 0;
    std::size_t narrow = 0;
  };

  Indent MeasureIndent() {
    Indent indent;
    for (; at_ < all_.size(); ++at_) {
      const char c = all_[at_];
      if (c == '\f') {
        indent = {};
      } else if (c == ' ' || c == '\t') {
        indent.width = c == ' ' ? indent.width + 1 : (indent.width / kTabStop + 1) * kTabStop;
        ++indent.narrow;
      } else {
        break;
      }
    }
    return indent;
  }

  // At the start of a line: compares its indentation, unless the line is empty or only a comment.
  void ReadIndentation() {
    line_start_ = false;
    const Indent indent = MeasureIndent();
    if (at_ >= all_.size() || Peek() == '\n' || Peek() == '#') return;
    if (Peek() == '\\') Fail(at_, "a line cannot begin with a backslash");
    if (indent.width > indents_.back().width) {
      if (indents_.size() > kMaxSyntaxDepth) Fail(at_, "indented too deeply");
      if (indent.narrow <= indents_.back().narrow) FailTabs();
      indents_.push_back(indent);
      Emit(Token::kIndent, 0);
    }
    while (indent.width < indents_.back().width) {
      indents_.pop_back();
      Emit(Token::kDedent, 0);
    }
    if (indent.width != indents_.back().width) {
      Fail(at_, "this indentation does not match any line above");
    }
    if (indent.narrow != indents_.back().narrow) FailTabs();
  }

  [[noreturn]] void FailTabs() const {
    Fail(at_, "tabs and blanks are mixed so that the indentation depends on the width of a tab",
         "indent with blanks only");
  }

  void ReadLineEnd() {
    const bool is_empty_line = lexemes_.empty() || lexemes_.back().token == Token::kNewline ||
                               lexemes_.back().token == Token::kIndent ||
                               lexemes_.back().token == Token::kDedent;
    if (Inside() || is_empty_line) {
      ++at_;
    } else {
      Emit(Token::kNewline, 1);
    }
    line_start_ = !Inside();  // within brackets no line begins, also where they end on the next one
  }

  void ReadContinuation() {
    if (Peek(1) != '\n') Fail(at_, "a backslash that does not end its line");
    if (at_ + 2 >= all_.size()) Fail(at_, "a backslash at the end of the file");
    at_ += 2;
  }

  // The length of the letters before a quote, when what follows is a string with a prefix.
  std::size_t StringStart() const {
    constexpr std::array<std::string_view, 8> kPrefixes = {"r",  "u",  "b",  "f",
                                                           "rb", "br", "rf", "fr"};
    std::size_t length = 0;
    while (length < 2 && IsLetter(Peek(length))) ++length;
    if (length == 0 || (Peek(length) != '\'' && Peek(length) != '"')) return 0;
    const std::string prefix = base::AsciiLower(all_.substr(at_, length));
    return std::find(kPrefixes.begin(), kPrefixes.end(), prefix) != kPrefixes.end() ? length : 0;
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
      at = std::min(at + (all_[at] == '\\' ? 2 : 1), all_.size());  // an escape protects
    }
    Emit(Token::kString, at + closing.size() - start);
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
      const base::CodePoint c = base::DecodeUtf8(all_.substr(at_ + length));
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
    if (kWholeOperators.find(Peek()) != std::string_view::npos) {
      TrackBrackets(Peek());
      Emit(Token::kOperator, 1);
      return;
    }
    for (const std::string_view op : kOperators) {
      if (Rest().substr(0, op.size()) != op) continue;
      TrackBrackets(op[0]);
      Emit(Token::kOperator, op.size());
      return;
    }
    const std::size_t length = base::DecodeUtf8(Rest()).length;
    Fail(at_, "the character " + base::Quote(all_.substr(at_, length)) + " does not belong here",
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
  std::vector<Indent> indents_ = {{}};
  std::vector<Lexeme> lexemes_;
};

}  // namespace

std::vector<Lexeme> Tokenize(const Sources& sources, const TemplateText& text, std::size_t begin,
                             std::size_t end, bool in_brackets) {
  return Lexer(sources, text, begin, end, in_brackets).Run();
}

}  // namespace yoloport::config::python
