#include "base/text.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <set>

#include "base/utf8.h"
#include "yoloport/text.h"

namespace yoloport {
namespace {

void AppendEscaped(std::string& out, char c) {
  switch (c) {
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    case '\'':
      out += "\\'";
      return;
    case '\\':
      out += "\\\\";
      return;
    default:
      break;
  }
  std::array<char, 8> hex{};
  std::snprintf(hex.data(), hex.size(), "\\x%02x", static_cast<unsigned char>(c));
  out += hex.data();
}

bool IsPlainAscii(char c) { return c >= 0x20 && c < 0x7F && c != '\'' && c != '\\'; }

// Words longer than this are not typing mistakes; comparing them would take a while.
constexpr std::size_t kLongestGuess = 64;

// The edit distance of two words, or `limit` where it is that or more; two swapped letters count
// one. Only cells within `limit` of the diagonal can be below it.
std::size_t EditDistance(std::string_view a, std::string_view b, std::size_t limit) {
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) >= limit) return limit;
  std::array<std::array<std::size_t, 2 * kLongestGuess + 2>, 3> rows{};  // i modulo 3
  for (std::size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto& row = rows[i % 3];
    const auto& above = rows[(i + 2) % 3];
    const std::size_t first = i > limit ? i - limit : 1;
    const std::size_t last = std::min(b.size(), i + limit);
    row.fill(limit);
    std::size_t least = row[first - 1] = first == 1 ? i : limit;
    for (std::size_t j = first; j <= last; ++j) {
      const std::size_t substitute = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, substitute});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], rows[(i + 1) % 3][j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    if (least >= limit) return limit;
  }
  return std::min(rows[a.size() % 3][b.size()], limit);
}

}  // namespace

namespace {

// The code units of UTF-16 as UTF-8. `high`: which byte of a unit is the high one.
std::optional<std::string> FromUtf16(std::string_view bytes, std::size_t high) {
  if (bytes.size() % 2 != 0) return std::nullopt;
  const auto unit = [&](std::size_t at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    return static_cast<std::uint32_t>(byte(at + high) << 8 | byte(at + 1 - high));
  };
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 2) {
    std::uint32_t code_point = unit(at);
    if (code_point >= 0xD800 && code_point < 0xE000) {  // half of a pair
      const std::uint32_t second = at + 2 < bytes.size() ? unit(at + 2) : 0;
      if (code_point >= 0xDC00 || second < 0xDC00 || second >= 0xE000) return std::nullopt;
      code_point = 0x10000 + ((code_point - 0xD800) << 10) + (second - 0xDC00);
      at += 2;
    }
    base::AppendUtf8(text, code_point);
  }
  return text;
}

}  // namespace

std::optional<std::string> TextOfFile(std::string_view bytes) {
  if (bytes.starts_with("\xFF\xFE")) return FromUtf16(bytes.substr(2), 1);
  if (bytes.starts_with("\xFE\xFF")) return FromUtf16(bytes.substr(2), 0);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";  // as editors on Windows write it
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  return std::string(bytes);
}

std::string NearestName(std::string_view word, std::span<const std::string> known) {
  if (word.size() > kLongestGuess) return "";
  std::string best;
  std::size_t best_distance = word.size() / 3 + 1;
  for (const std::string& name : known) {
    const std::size_t distance = EditDistance(word, name, best_distance);
    if (distance < best_distance) {
      best_distance = distance;
      best = name;
    }
  }
  return best;
}

std::string Printable(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t length = base::Utf8Length(text);
    const std::string_view sequence = text.substr(0, std::max<std::size_t>(length, 1));
    const bool is_shown = length > 1 ? !base::IsC1Control(sequence)
                                     : length == 1 && text[0] >= ' ' && text[0] != '\x7F';
    if (is_shown) {
      out += sequence;
    } else {
      out.append(sequence.size(), '?');
    }
    text.remove_prefix(sequence.size());
  }
  return out;
}

}  // namespace yoloport

namespace yoloport::base {

std::string Quote(std::string_view text, std::size_t limit) {
  std::string out = "'";
  std::size_t at = 0;
  while (at < text.size() && at < limit) {
    const std::size_t length = Utf8Length(text.substr(at));
    const std::string_view sequence = text.substr(at, length);
    if (length > 1 && !IsC1Control(sequence)) {
      out += sequence;
      at += length;
      continue;
    }
    if (length == 1 && IsPlainAscii(text[at])) {
      out += text[at];
    } else {
      AppendEscaped(out, text[at]);
    }
    ++at;
  }
  out += at < text.size() ? "...'" : "'";
  return out;
}

std::string ShapeText(std::span<const std::int64_t> shape) {
  if (shape.empty()) return "scalar";
  constexpr std::size_t kMostExtents = 8;
  std::string out;
  for (const std::int64_t extent : shape.first(std::min(shape.size(), kMostExtents))) {
    if (!out.empty()) out += 'x';
    out += std::to_string(extent);
  }
  if (shape.size() > kMostExtents) {
    out += " and " + std::to_string(shape.size() - kMostExtents) + " more";
  }
  return out;
}

std::string JoinText(std::span<const std::string> parts, std::size_t limit) {
  std::string out;
  for (std::size_t i = 0; i < parts.size() && i < limit; ++i) {
    if (i > 0) out += ", ";
    out += parts[i];
  }
  if (parts.size() > limit) out += ", ... and " + std::to_string(parts.size() - limit) + " more";
  return out;
}

void AppendNotes(std::vector<std::string>& notes, const std::vector<std::string>& more) {
  std::set<std::string_view> told;
  for (const std::string& note : more) {
    if (told.insert(note).second && told.size() <= kMostNotes) notes.push_back(note);
  }
  if (told.size() > kMostNotes) {
    notes.push_back("and " + std::to_string(told.size() - kMostNotes) + " more");
  }
}

std::string SizeText(std::uint64_t bytes) {
  if (bytes < 1024) return std::to_string(bytes) + " bytes";
  constexpr std::array<const char*, 4> kUnits = {"KiB", "MiB", "GiB", "TiB"};
  double value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (value >= 1024 && unit + 1 < kUnits.size()) {
    value /= 1024;
    ++unit;
  }
  std::array<char, 32> out{};
  std::snprintf(out.data(), out.size(), "%.1f %s", value, kUnits[unit]);
  return out.data();
}

std::string KnownHint(std::string_view word, std::span<const std::string> known) {
  const std::string near = NearestName(word, known);
  return (near.empty() ? "" : "did you mean " + near + "? ") + "known are " +
         JoinText(known, known.size());
}

std::string AsciiLower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string LowerExtension(const std::filesystem::path& path) {
  return AsciiLower(path.extension().native());
}

std::string WithEscapedControls(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  for (std::size_t i = 0; i < json.size(); ++i) {
    const bool is_c1 = IsC1Control(json.substr(i, 2));
    if (!is_c1 && json[i] != '\x7F') {
      out += json[i];
      continue;
    }
    if (is_c1) ++i;
    std::array<char, 8> escaped{};
    std::snprintf(escaped.data(), escaped.size(), "\\u%04x", static_cast<unsigned char>(json[i]));
    out += escaped.data();
  }
  return out;
}

}  // namespace yoloport::base
