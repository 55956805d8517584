#include "config/python/literal.h"

#include <algorithm>

#include "base/text.h"
#include "config/python/scalar_text.h"
#include "config/python/unicode.h"

namespace yoloport::config::python {
namespace {

int DigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Drops underscores; false where one is not between two digits.
bool DropUnderscores(std::string_view text, std::string& out) {
  const bool has_base = text.size() > 1 && text[0] == '0' &&
                        std::string_view("xXoObB").find(text[1]) != std::string_view::npos;
  const int base = has_base ? 16 : 10;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      out += text[i];
      continue;
    }
    const bool follows_base = has_base && i == 2;
    const bool between = i > 0 && i + 1 < text.size() && DigitValue(text[i + 1]) < base &&
                         (follows_base || DigitValue(text[i - 1]) < base);
    if (!between) return false;
  }
  return true;
}

class NumberReader {
 public:
  NumberReader(Heap& heap, const Lexeme& lexeme, Position at)
      : heap_(heap), lexeme_(lexeme), at_(at) {}

  Value Read() {
    if (!DropUnderscores(lexeme_.text, digits_)) Malformed();
    const char last = digits_.back();
    if (digits_.size() > 1 && digits_[0] == '0') {
      const char base = digits_[1];
      if (base == 'x' || base == 'X') return ReadInteger(2, 16);
      if (base == 'o' || base == 'O') return ReadInteger(2, 8);
      if (base == 'b' || base == 'B') return ReadInteger(2, 2);
    }
    if (last == 'j' || last == 'J') return Complex();
    if (digits_.find_first_of(".eE") != std::string::npos) return ReadReal();
    if (digits_[0] == '0' && digits_.find_first_not_of('0') != std::string::npos) {
      heap_.Fail(at_, "a decimal number may not start with 0", "an octal number starts with 0o");
    }
    return ReadInteger(0, 10);
  }

 private:
  [[noreturn]] void Malformed() const {
    heap_.Fail(at_, base::Quote(lexeme_.text) + " is not a number");
  }

  Value ReadInteger(std::size_t skip, int base) const {
    std::int64_t value = 0;
    bool is_too_large = false;
    if (digits_.size() == skip) Malformed();
    for (const char c : std::string_view(digits_).substr(skip)) {
      if (DigitValue(c) >= base) Malformed();
      if (__builtin_mul_overflow(value, base, &value) ||
          __builtin_add_overflow(value, DigitValue(c), &value)) {
        is_too_large = true;
      }
    }
    if (is_too_large) return heap_.MakeUnknown("this integer does not fit 64 bits", at_);
    return Value::Int(value, at_);
  }

  Value Complex() const {
    const bool is_number =
        ParseDecimal(std::string_view(digits_).substr(0, digits_.size() - 1)).has_value();
    if (!is_number) Malformed();
    return heap_.MakeUnknown("a complex number", at_);
  }

  Value ReadReal() const {
    const std::optional<double> value = ParseDecimal(digits_);
    if (!value) Malformed();
    return Value::Double(*value, at_);
  }

  Heap& heap_;
  const Lexeme& lexeme_;
  Position at_;
  std::string digits_;
};

class Unescaper {
 public:
  Unescaper(const Sources& sources, const TemplateText& text, std::size_t offset,
            std::string_view content)
      : sources_(sources), text_(text), offset_(offset), content_(content) {}

  std::string Run() {
    while (at_ < content_.size()) {
      const std::size_t stop = std::min(content_.find('\\', at_), content_.size());
      out_ += content_.substr(at_, stop - at_);
      at_ = stop;
      if (at_ < content_.size()) ReadEscape();
    }
    return std::move(out_);
  }

 private:
  [[noreturn]] void Fail(std::string_view message) const {
    sources_.Fail(text_.At(offset_ + at_), message);
  }

  void ReadEscape() {
    start_ = at_;
    const char c = at_ + 1 < content_.size() ? content_[at_ + 1] : '\0';
    constexpr std::string_view kLetters = "\\'\"abfnrtv";
    constexpr std::string_view kMeanings = "\\'\"\a\b\f\n\r\t\v";
    if (const std::size_t i = kLetters.find(c); i != std::string_view::npos) {
      out_ += kMeanings[i];
      at_ += 2;
    } else if (c == '\n') {  // a line continued
      at_ += 2;
    } else if (c == 'x') {
      AppendCodePoint(ReadHex(2));
    } else if (c == 'u') {
      AppendCodePoint(ReadHex(4));
    } else if (c == 'U') {
      AppendCodePoint(ReadHex(8));
    } else if (c >= '0' && c <= '7') {
      ReadOctal();
    } else if (c == 'N') {
      Fail("characters cannot be written by name");
    } else {  // Python keeps an unknown escape as it is
      out_ += '\\';
      ++at_;
    }
  }

  std::uint32_t ReadHex(std::size_t count) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = at_ + 2 + i;
      const int digit = at < content_.size() ? DigitValue(content_[at]) : 99;
      if (digit > 15) Fail("this escape needs " + std::to_string(count) + " hexadecimal digits");
      value = value << 4 | static_cast<std::uint32_t>(digit);
    }
    at_ += 2 + count;
    return value;
  }

  void ReadOctal() {
    std::uint32_t value = 0;
    ++at_;
    for (int i = 0; i < 3 && at_ < content_.size() && content_[at_] >= '0' && content_[at_] <= '7';
         ++i, ++at_) {
      value = value * 8 + static_cast<std::uint32_t>(content_[at_] - '0');
    }
    AppendCodePoint(value);
  }

  void AppendCodePoint(std::uint32_t value) {
    if (value > 0x10FFFF || (value >= 0xD800 && value < 0xE000)) {
      at_ = start_;
      Fail("this escape is not a character");
    }
    base::AppendUtf8(out_, value);
  }

  const Sources& sources_;
  const TemplateText& text_;
  std::size_t offset_;
  std::string_view content_;
  std::size_t at_ = 0;
  std::size_t start_ = 0;  // of the escape being read
  std::string out_;
};

}  // namespace

Value NumberLiteral(Heap& heap, const Lexeme& lexeme, Position at) {
  return NumberReader(heap, lexeme, at).Read();
}

StringParts TakeApart(std::string_view token) {
  StringParts parts;
  std::size_t at = 0;
  for (; token[at] != '\'' && token[at] != '"'; ++at) {
    const char c = token[at];
    parts.raw |= c == 'r' || c == 'R';
    parts.bytes |= c == 'b' || c == 'B';
    parts.format |= c == 'f' || c == 'F';
  }
  const bool triple =
      token.size() >= at + 6 && token[at + 1] == token[at] && token[at + 2] == token[at];
  const std::size_t quotes = triple ? 3 : 1;
  parts.begin = at + quotes;
  parts.content = token.substr(parts.begin, token.size() - parts.begin - quotes);
  return parts;
}

std::string Unescape(const Sources& sources, const TemplateText& text, std::size_t offset,
                     std::string_view content) {
  return Unescaper(sources, text, offset, content).Run();
}

}  // namespace yoloport::config::python
