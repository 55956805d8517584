#include "config/python/source.h"

#include <algorithm>

#include "base/text.h"
#include "base/utf8.h"
#include "config/python/limits.h"
#include "yoloport/error.h"

namespace yoloport::config::python {
namespace {

constexpr std::size_t kMaxShownName = 4096;

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t CharacterCount(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

// Escaped as Quote does, without the quotes: names stand at the start of a message.
std::string EscapedName(std::string_view name) {
  const std::string quoted = base::Quote(name, kMaxShownName);
  return quoted.substr(1, quoted.size() - 2);
}

// One character on the screen for each character of `line`, so that the caret stays in place:
// tabs become spaces, what could harm a terminal becomes '?'.
std::string Printable(std::string_view line) {
  std::string out;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const auto byte = static_cast<unsigned char>(line[i]);
    const bool is_c1_control =
        byte == 0xC2 && i + 1 < line.size() && static_cast<unsigned char>(line[i + 1]) < 0xA0;
    if (is_c1_control) {
      out += '?';
      ++i;
    } else if (byte == '\t') {
      out += ' ';
    } else if (byte < 0x20 || byte == 0x7F) {
      out += '?';
    } else {
      out += line[i];
    }
  }
  return base::IsUtf8(out) ? out : std::string(CharacterCount(line), '?');
}

// The part of `line` (characters [from, from + count)).
std::string_view Characters(std::string_view line, std::size_t from, std::size_t count) {
  std::size_t begin = 0;
  const auto advance = [&](std::size_t at, std::size_t characters) {
    while (at < line.size() && characters > 0) {
      ++at;
      while (at < line.size() && IsContinuation(line[at])) ++at;
      --characters;
    }
    return at;
  };
  begin = advance(0, from);
  return line.substr(begin, advance(begin, count) - begin);
}

struct Location {
  std::size_t line = 1;    // from 1
  std::size_t column = 1;  // from 1, in characters
  std::string_view text;   // the line, without its end
};

Location Find(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  const std::string_view before = text.substr(0, offset);
  const std::size_t newline = before.rfind('\n');
  const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
  std::size_t end = text.find('\n', offset);
  if (end == std::string_view::npos) end = text.size();
  if (end > begin && text[end - 1] == '\r') --end;
  Location location;
  location.line = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  location.column = CharacterCount(before.substr(begin)) + 1;
  location.text = text.substr(begin, end - begin);
  return location;
}

}  // namespace

std::uint32_t Sources::Add(std::string name, std::string text) {
  texts_.push_back(std::make_unique<const Text>(Text{std::move(name), std::move(text), false}));
  return size() - 1;
}

std::uint32_t Sources::AddFile(std::string path, std::string text) {
  texts_.push_back(std::make_unique<const Text>(Text{std::move(path), std::move(text), true}));
  return size() - 1;
}

std::string Sources::Place(Position position) const {
  const Location at = Find(text(position.source), position.offset);
  return EscapedName(name(position.source)) + ":" + std::to_string(at.line) + ":" +
         std::to_string(at.column);
}

std::string Sources::Locate(Position position, std::string_view message) const {
  const Location at = Find(text(position.source), position.offset);
  const std::size_t caret = at.column - 1;
  const std::size_t from = caret < kMaxShownLine * 3 / 4 ? 0 : caret - kMaxShownLine / 2;
  const std::string_view shown = Characters(at.text, from, kMaxShownLine);
  std::string out = Place(position) + ": ";
  out += message;
  out += '\n';
  if (from > 0) out += "...";
  out += Printable(shown);
  if (CharacterCount(at.text) > from + kMaxShownLine) out += "...";
  out += '\n';
  out.append(caret - from + (from > 0 ? 3 : 0), ' ');
  out += '^';
  return out;
}

void Sources::Fail(Position position, std::string_view message, std::string hint) const {
  throw ConfigError(Locate(position, message), std::move(hint));
}

}  // namespace yoloport::config::python
