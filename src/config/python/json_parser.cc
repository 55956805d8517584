// JSON by its own grammar, as Python's json module reads it: with NaN and Infinity, without
// comments, expressions and names.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/text.h"
#include "config/python/limits.h"
#include "config/python/parser.h"
#include "config/python/scalar_text.h"
#include "config/python/unicode.h"

namespace yoloport::config::python {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

class JsonParser {
 public:
  JsonParser(Heap& heap, const TemplateText& text, Module& module)
      : heap_(heap), text_(text), all_(text.text()), module_(module) {}

  const Expression* ReadDocument() {
    const Expression* value = ReadValue(1);
    SkipSpaces();
    if (at_ < all_.size()) FailExpected("the end");
    return value;
  }

 private:
  Position Here() const { return text_.At(at_); }

  [[noreturn]] void FailExpected(std::string_view what) const {
    const std::string found =
        at_ < all_.size() ? base::Quote(all_.substr(at_, base::DecodeUtf8(all_.substr(at_)).length))
                          : std::string("the end");
    heap_.Fail(Here(), "this is not JSON: expected " + std::string(what) + ", found " + found);
  }

  void SkipSpaces() { at_ = std::min(all_.find_first_not_of(" \t\n\r", at_), all_.size()); }

  bool Take(std::string_view expected) {
    if (all_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }

  Expression& Make(Syntax syntax, Position at) {
    Expression& made = module_.expressions.emplace_back();
    made.syntax = syntax;
    made.position = at;
    return made;
  }

  const Expression* Constant(Value value) {
    Expression& made = Make(Syntax::kConstant, value.position());
    made.constant = value;
    return &made;
  }

  const Expression* ReadValue(int depth) {
    SkipSpaces();
    const Position at = Here();
    const bool opens = at_ < all_.size() && (all_[at_] == '{' || all_[at_] == '[');
    if (opens && depth > kMaxSyntaxDepth) {
      heap_.Fail(at,
                 "more than " + std::to_string(kMaxSyntaxDepth) + " brackets within one another");
    }
    if (all_.substr(at_, 2) == "{{") return ReadBaseReference();
    if (Take("{")) return ReadObject(at, depth);
    if (Take("[")) return ReadArray(at, depth);
    if (Take("\"")) return ReferenceOrString(ReadString(at), at);
    if (Take("null")) return Constant(Value::None(at));
    if (Take("true")) return Constant(Value::Bool(true, at));
    if (Take("false")) return Constant(Value::Bool(false, at));
    if (Take("NaN")) return Constant(Value::Double(std::numeric_limits<double>::quiet_NaN(), at));
    if (Take("Infinity")) return Constant(Value::Double(HUGE_VAL, at));
    if (Take("-Infinity")) return Constant(Value::Double(-HUGE_VAL, at));
    return Constant(ReadNumber(at));
  }

  // After the opening bracket.
  const Expression* ReadArray(Position at, int depth) {
    Expression& made = Make(Syntax::kList, at);
    SkipSpaces();
    if (Take("]")) return &made;
    while (true) {
      made.children.push_back(ReadValue(depth + 1));
      SkipSpaces();
      if (Take("]")) return &made;
      if (!Take(",")) FailExpected("',' or ']'");
    }
  }

  const Expression* ReadObject(Position at, int depth) {
    Expression& made = Make(Syntax::kDict, at);
    SkipSpaces();
    if (Take("}")) return &made;
    while (true) {
      SkipSpaces();
      const Position key_at = Here();
      if (!Take("\"")) FailExpected("a key in double quotes");
      made.children.push_back(Constant(heap_.String(ReadString(key_at), key_at)));
      SkipSpaces();
      if (!Take(":")) FailExpected("':'");
      made.children.push_back(ReadValue(depth + 1));
      SkipSpaces();
      if (Take("}")) return &made;
      if (!Take(",")) FailExpected("',' or '}'");
    }
  }

  // After the opening quote.
  std::string ReadString(Position at) {
    std::string out;
    while (true) {
      if (at_ >= all_.size()) heap_.Fail(at, "this string is never closed");
      const char c = all_[at_];
      if (Take("\"")) return out;
      if (static_cast<unsigned char>(c) < 0x20) {
        heap_.Fail(Here(), "a control character in a string",
                   "write it as an escape: \\n, \\t, \\u0007");
      }
      if (c == '\\') {
        ReadEscape(out);
      } else {
        out += c;
        ++at_;
      }
      heap_.CheckStringSize(out.size(), at);
    }
  }

  void ReadEscape(std::string& out) {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    const Position at = Here();
    const char c = at_ + 1 < all_.size() ? all_[at_ + 1] : '\0';
    if (const std::size_t i = kLetters.find(c); i != std::string_view::npos && c != '\0') {
      out += kMeanings[i];
      at_ += 2;
      return;
    }
    std::uint32_t value = ReadUnicodeEscape();
    const bool is_high = value >= 0xD800 && value < 0xDC00;
    if (is_high && all_.substr(at_, 2) == "\\u") {  // characters past U+FFFF are two escapes
      const std::uint32_t low = ReadUnicodeEscape();
      if (low < 0xDC00 || low > 0xDFFF) heap_.Fail(at, "this escape is not a character");
      value = 0x10000 + ((value - 0xD800) << 10) + (low - 0xDC00);
    } else if (value >= 0xD800 && value < 0xE000) {
      heap_.Fail(at, "this escape is not a character");
    }
    base::AppendUtf8(out, value);
  }

  std::uint32_t ReadUnicodeEscape() {
    const std::string_view digits = all_.substr(std::min(at_ + 2, all_.size()), 4);
    std::uint32_t value = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    const bool is_whole = digits.size() == 4 && stop == digits.data() + 4 && error == std::errc();
    if (all_.substr(at_, 2) != "\\u" || !is_whole) {
      heap_.Fail(Here(), "this escape is unknown to JSON",
                 "known are \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX");
    }
    at_ += 6;
    return value;
  }

  Value ReadNumber(Position at) {
    const std::size_t begin = at_;
    const auto digits = [&] {
      const std::size_t from = at_;
      while (at_ < all_.size() && IsDigit(all_[at_])) ++at_;
      return at_ > from;
    };
    Take("-");
    const bool is_zero = Take("0");
    if (!is_zero && !digits()) {
      at_ = begin;
      FailExpected("a value");
    }
    const std::size_t whole_end = at_;
    if (Take(".") && !digits()) at_ = whole_end;
    const std::size_t fraction_end = at_;
    if (Take("e") || Take("E")) {
      if (!Take("+")) Take("-");
      if (!digits()) at_ = fraction_end;
    }
    const std::string_view number = all_.substr(begin, at_ - begin);
    if (at_ > whole_end) return Value::Double(*ParseDecimal(number), at);
    const auto value = ParseInt(number);
    if (!value) heap_.Fail(at, "this integer does not fit 64 bits");
    return Value::Int(*value, at);
  }

  const Expression* ReadBaseReference() {
    const Position at = Here();
    const auto reference = MatchBaseReference(all_.substr(at_));
    if (!reference) FailExpected("a key in double quotes");
    at_ += reference->length;
    Expression& made = Make(Syntax::kBaseReference, at);
    made.name = reference->name;
    return &made;
  }

  // People write the reference within quotes, too.
  const Expression* ReferenceOrString(const std::string& text, Position at) {
    const auto reference = MatchBaseReference(text);
    const bool is_reference = reference && reference->length == text.size();
    const Value value = heap_.String(is_reference ? std::string(reference->name) : text, at);
    if (!is_reference) return Constant(value);
    Expression& made = Make(Syntax::kBaseReference, at);
    made.constant = value;
    made.name = made.constant.text();  // the heap outlives the tree
    return &made;
  }

  Heap& heap_;
  const TemplateText& text_;
  std::string_view all_;
  Module& module_;
  std::size_t at_ = 0;
};

}  // namespace

Module ParseJson(Heap& heap, const TemplateText& text) {
  Module module;
  Statement statement{Action::kExpression, text.At(0)};
  statement.value = JsonParser(heap, text, module).ReadDocument();
  module.statements.push_back(std::move(statement));
  return module;
}

}  // namespace yoloport::config::python
