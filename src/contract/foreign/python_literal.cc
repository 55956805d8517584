#include <charconv>
#include <cmath>

#include "base/text.h"
#include "base/utf8.h"
#include "contract/foreign/limits.h"
#include "contract/foreign/literal.h"
#include "yoloport/error.h"

namespace yoloport::contract::foreign {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
constexpr std::string_view kNumberLetters = "0123456789+-.eE_";

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Literal ParseAll() {
    Literal literal = ParseValue(0);
    SkipBlanks();
    if (at_ != text_.size()) Fail("expected the end");
    return literal;
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    const std::string_view rest = text_.substr(std::min(at_, text_.size()));
    throw ModelError("byte " + std::to_string(at_) + ": " + what +
                     (rest.empty() ? ", not the end" : ", not " + base::Quote(rest, 20)));
  }

  void SkipBlanks() {
    while (at_ < text_.size() && kBlanks.find(text_[at_]) != kBlanks.npos) ++at_;
  }
  bool Take(char c) {
    SkipBlanks();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  Literal ParseValue(int depth) {
    if (depth > kMaxLiteralDepth) {
      Fail("brackets within more than " + std::to_string(kMaxLiteralDepth) + " others");
    }
    if (++values_ > kMaxLiteralValues) {
      Fail("expected at most " + std::to_string(kMaxLiteralValues) + " values");
    }
    SkipBlanks();
    const char c = at_ < text_.size() ? text_[at_] : '\0';
    if (c == '\'' || c == '"') return {ParseText(c)};
    if (Take('[')) return {ParseList(']', depth)};
    if (Take('(')) return {ParseList(')', depth)};
    if (Take('{')) return {ParseDict(depth)};
    if (TakeWord("None")) return {};
    if (TakeWord("True")) return {true};
    if (TakeWord("False")) return {false};
    return ParseNumber();
  }

  LiteralList ParseList(char end, int depth) {
    LiteralList list;
    while (!Take(end)) {
      list.push_back(ParseValue(depth + 1));
      if (!Take(',') && !IsNext(end)) Fail(std::string("expected , or ") + end);
    }
    return list;
  }
  LiteralDict ParseDict(int depth) {
    LiteralDict dict;
    while (!Take('}')) {
      Literal key = ParseValue(depth + 1);
      if (!Take(':')) Fail("expected :");
      dict.push_back({std::move(key), ParseValue(depth + 1)});
      if (!Take(',') && !IsNext('}')) Fail("expected , or }");
    }
    return dict;
  }
  bool IsNext(char c) {
    SkipBlanks();
    return at_ < text_.size() && text_[at_] == c;
  }

  Literal ParseNumber() {
    const std::size_t end = text_.find_first_not_of(kNumberLetters, at_);
    const std::string_view number = text_.substr(at_, end == text_.npos ? end : end - at_);
    const auto whole = [&](auto& value) {
      const auto [last, error] =
          std::from_chars(number.data(), number.data() + number.size(), value);
      return error == std::errc() && last == number.data() + number.size();
    };
    std::int64_t integer = 0;
    double real = 0;
    if (!number.empty() && whole(integer)) {
      at_ += number.size();
      return {integer};
    }
    if (number.empty() || !whole(real) || !std::isfinite(real)) Fail("expected a Python literal");
    at_ += number.size();
    return {real};
  }

  std::string ParseText(char quote) {
    std::string text;
    for (++at_; at_ < text_.size() && text_[at_] != quote;) {
      if (text_[at_] == '\\') {
        ParseEscape(text);
        continue;
      }
      const std::size_t length = base::Utf8Length(text_.substr(at_));
      if (length == 0) Fail("expected UTF-8");
      text += text_.substr(at_, length);
      at_ += length;
    }
    if (at_ == text_.size()) Fail(std::string("expected ") + quote);
    ++at_;
    return text;
  }

  void ParseEscape(std::string& text) {
    const std::size_t begin = at_++;
    const char c = at_ < text_.size() ? text_[at_++] : '\0';
    const int digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (digits == 0) {
      constexpr std::string_view kLetters = "\\'\"ntr", kMeanings = "\\'\"\n\t\r";
      const std::size_t found = c == '\0' ? kLetters.npos : kLetters.find(c);
      if (found == kLetters.npos) FailEscape(begin);
      text += kMeanings[found];
      return;
    }
    std::uint32_t code = 0;
    const std::string_view hex = text_.substr(at_, static_cast<std::size_t>(digits));
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
    const bool is_whole = error == std::errc() && end == hex.data() + digits;
    if (!is_whole || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) FailEscape(begin);
    at_ += static_cast<std::size_t>(digits);
    base::AppendUtf8(text, code);
  }
  [[noreturn]] void FailEscape(std::size_t begin) {
    at_ = begin;
    Fail("expected an escape sequence of a character");
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
};

}  // namespace

const Literal* Literal::Find(std::string_view key) const {
  if (dict() == nullptr) return nullptr;
  for (const auto& [name, found] : *dict()) {
    if (name.text() != nullptr && *name.text() == key) return &found;
  }
  return nullptr;
}

bool Literal::is_true() const {
  const bool* const boolean = std::get_if<bool>(&value);
  return boolean != nullptr && *boolean;
}

bool Literal::operator==(const Literal& other) const { return value == other.value; }

Literal ParsePythonLiteral(std::string_view text) {
  if (text.size() > kMaxLiteralBytes) {
    throw ModelError("has " + base::SizeText(text.size()) + ", more than the " +
                     base::SizeText(kMaxLiteralBytes) + " that are read");
  }
  return Parser(text).ParseAll();
}

}  // namespace yoloport::contract::foreign
