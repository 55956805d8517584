#include <charconv>
#include <cmath>

#include "base/text.h"
#include "base/utf8.h"
#include "contract/foreign/limits.h"
#include "contract/foreign/literal.h"
#include "yoloport/error.h"

namespace yoloport::contract::foreign {
namespace {

struct Line {
  std::string text;  // without its indentation and what follows it
  std::size_t indent = 0;
  std::size_t number = 0;  // in the document, from 1
  bool is_blank() const { return text.empty(); }
};

std::vector<Line> SplitLines(std::string_view document) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !document.empty(); ++number) {
    const std::size_t end = document.find('\n');
    std::string_view text = document.substr(0, end);
    document.remove_prefix(end == document.npos ? document.size() : end + 1);
    const std::size_t last = text.find_last_not_of(" \t\r");
    text = text.substr(0, last == text.npos ? 0 : last + 1);
    const std::size_t indent = std::min(text.find_first_not_of(' '), text.size());
    lines.push_back({std::string(text.substr(indent)), indent, number});
  }
  return lines;
}

bool IsEntry(const std::string& text) { return text == "-" || text.starts_with("- "); }

// What a plain scalar means by YAML's core schema.
Literal Resolved(const std::string& text) {
  if (text.empty() || text == "null" || text == "~" || text == "Null" || text == "NULL") return {};
  if (text == "true" || text == "True" || text == "TRUE") return {true};
  if (text == "false" || text == "False" || text == "FALSE") return {false};
  const char* const end = text.data() + text.size();
  std::int64_t integer = 0;
  if (const auto [last, error] = std::from_chars(text.data(), end, integer);
      error == std::errc() && last == end) {
    return {integer};
  }
  double real = 0;
  const bool has_digit = text.find_first_of("0123456789") != text.npos;
  const auto [last, error] = std::from_chars(text.data(), end, real);
  if (has_digit && error == std::errc() && last == end && std::isfinite(real)) return {real};
  return {text};
}

class Parser {
 public:
  explicit Parser(std::string_view document) : lines_(SplitLines(document)) {}

  Literal ParseAll() {
    if (Skip() && lines_[at_].text == "---") ++at_;
    if (!Skip()) return {};
    Literal literal = ParseBlock(lines_[at_].indent, 0);
    if (Skip()) Fail("is indented unlike the lines before it");
    return literal;
  }

 private:
  [[noreturn]] void Fail(const std::string& what) const {
    const Line& line = lines_[std::min(at_, lines_.size() - 1)];
    throw ModelError("line " + std::to_string(line.number) + ": " + what);
  }

  // To the next line that says something; false at the end.
  bool Skip() {
    while (at_ < lines_.size() && (lines_[at_].is_blank() || lines_[at_].text[0] == '#')) ++at_;
    return at_ < lines_.size() && lines_[at_].text != "...";
  }

  Literal ParseBlock(std::size_t indent, int depth) {
    if (depth > kMaxLiteralDepth) {
      Fail("is within more than " + std::to_string(kMaxLiteralDepth) + " others");
    }
    if (IsEntry(lines_[at_].text)) return {ParseSequence(indent, depth)};
    return {ParseMapping(indent, depth)};
  }

  LiteralList ParseSequence(std::size_t indent, int depth) {
    LiteralList list;
    while (Skip() && lines_[at_].indent == indent && IsEntry(lines_[at_].text)) {
      Count();
      Line& line = lines_[at_];
      // What follows the dash is a block whose first line this is.
      const std::size_t rest = std::min(line.text.find_first_not_of(' ', 1), line.text.size());
      line.text.erase(0, rest);
      line.indent += rest;
      const bool is_block = IsEntry(line.text) || KeyEnd(line.text) != std::string::npos;
      list.push_back(is_block ? ParseBlock(line.indent, depth + 1) : ParseScalar(0, indent));
    }
    return list;
  }

  LiteralDict ParseMapping(std::size_t indent, int depth) {
    LiteralDict dict;
    while (Skip() && lines_[at_].indent == indent && !IsEntry(lines_[at_].text)) {
      Count();
      const std::size_t end = KeyEnd(lines_[at_].text);
      if (end == std::string::npos) Fail("expected KEY: VALUE");
      Literal key = KeyOf(lines_[at_].text.substr(0, end));
      const std::size_t value = lines_[at_].text.find_first_not_of(' ', end + 1);
      if (value != std::string::npos && lines_[at_].text[value] != '#') {
        dict.push_back({std::move(key), ParseScalar(value, indent)});
        continue;
      }
      ++at_;
      const bool is_block = Skip() && (lines_[at_].indent > indent ||
                                       (lines_[at_].indent == indent && IsEntry(lines_[at_].text)));
      dict.push_back(
          {std::move(key), is_block ? ParseBlock(lines_[at_].indent, depth + 1) : Literal{}});
    }
    return dict;
  }

  void Count() {
    if (++values_ > kMaxLiteralValues) {
      Fail("is after more than " + std::to_string(kMaxLiteralValues) + " values");
    }
  }

  // Where the colon behind a key stands, or npos.
  static std::size_t KeyEnd(const std::string& text) {
    std::size_t at = 0;
    if (text[0] == '\'' || text[0] == '"') {
      at = text.find(text[0], 1);
      if (at == std::string::npos) return at;
      return at + 1 < text.size() && text[at + 1] == ':' ? at + 1 : std::string::npos;
    }
    while ((at = text.find(':', at)) != std::string::npos) {
      if (at + 1 == text.size() || text[at + 1] == ' ') return at;
      ++at;
    }
    return at;
  }
  static Literal KeyOf(const std::string& text) {
    if (text[0] != '\'' && text[0] != '"') return Resolved(text);
    return {text.substr(1, text.size() - 2)};
  }

  // Of the current line from `begin` on, and of those after it that are indented deeper.
  Literal ParseScalar(std::size_t begin, std::size_t indent) {
    const std::string& first = lines_[at_].text;
    const char c = begin < first.size() ? first[begin] : '\0';
    if (std::string_view("|>&*!%@`").find(c) != std::string_view::npos && c != '\0') {
      Fail("has " + base::Quote(std::string_view(first).substr(begin), 20) +
           ", which is not read here");
    }
    if (c == '\'' || c == '"') return {ParseQuoted(begin, c)};
    std::string text = first.substr(std::min(begin, first.size()));
    const std::size_t number = at_++;
    while (at_ < lines_.size() && !lines_[at_].is_blank() && lines_[at_].indent > indent) {
      text += " " + lines_[at_++].text;
    }
    if (const std::size_t comment = text.find(" #"); comment != text.npos) text.resize(comment);
    if (!base::IsUtf8(text)) {
      at_ = number;
      Fail("is not UTF-8");
    }
    if (c != '[' && c != '{') return Resolved(text);
    try {
      return ParsePythonLiteral(text);  // lists and mappings in one line are written alike
    } catch (const ModelError& error) {
      at_ = number;
      Fail(error.message());
    }
  }

  // Lines fold: a line break is a blank, an empty line a line break.
  std::string ParseQuoted(std::size_t begin, char quote) {
    std::string text;
    std::size_t i = begin + 1;
    for (std::size_t breaks = 0; at_ < lines_.size(); ++at_, i = 0) {
      const std::string& line = lines_[at_].text;
      if (line.empty()) {
        ++breaks;
        continue;
      }
      if (i == 0) text += breaks > 0 ? std::string(breaks, '\n') : is_joined_ ? "" : " ";
      breaks = 0;
      is_joined_ = false;
      for (; i < line.size(); ++i) {
        if (line[i] == quote && quote == '\'' && i + 1 < line.size() && line[i + 1] == quote) {
          text += line[i++];
        } else if (line[i] == quote) {
          return FinishQuoted(line, i, std::move(text));
        } else if (line[i] == '\\' && quote == '"') {
          ParseEscape(line, i, text);
        } else {
          text += line[i];
        }
      }
    }
    Fail(std::string("expected ") + quote);
  }

  std::string FinishQuoted(const std::string& line, std::size_t i, std::string text) {
    const std::size_t rest = line.find_first_not_of(' ', i + 1);
    if (rest != line.npos && line[rest] != '#') Fail("has more behind the closing quote");
    if (!base::IsUtf8(text)) Fail("is not UTF-8");
    ++at_;
    return text;
  }

  // `i` is at the backslash, and then at the last character of the sequence.
  void ParseEscape(const std::string& line, std::size_t& i, std::string& text) {
    constexpr std::string_view kLetters = "\\\"/ntrabefv0 N_";
    constexpr std::string_view kMeanings("\\\"/\n\t\r\a\b\x1b\f\v\0 ", 13);
    if (i + 1 == line.size()) {
      is_joined_ = true;
      return;
    }
    const char c = line[++i];
    if (const std::size_t found = kLetters.find(c); found < kMeanings.size()) {
      text += kMeanings[found];
      return;
    }
    if (c == 'N' || c == '_') return base::AppendUtf8(text, c == 'N' ? 0x85 : 0xA0);
    const std::size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    std::uint32_t code = 0;
    const std::string hex = line.substr(i + 1, digits);
    const auto [end, error] = std::from_chars(hex.data(), hex.data() + hex.size(), code, 16);
    const bool is_whole = digits > 0 && error == std::errc() && end == hex.data() + digits;
    if (!is_whole || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) {
      Fail("has an escape sequence that is not a character");
    }
    i += digits;
    base::AppendUtf8(text, code);
  }

  std::vector<Line> lines_;
  std::size_t at_ = 0;
  std::size_t values_ = 0;
  bool is_joined_ = false;  // the line before ended with a backslash
};

}  // namespace

Literal ParseYaml(std::string_view text) {
  if (text.size() > kMaxLiteralBytes) {
    throw ModelError("has " + base::SizeText(text.size()) + ", more than the " +
                     base::SizeText(kMaxLiteralBytes) + " that are read");
  }
  return Parser(text).ParseAll();
}

}  // namespace yoloport::contract::foreign
