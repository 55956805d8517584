#include "labels.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>

#include "cli.h"
#include "text_file.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::tool {
namespace {

constexpr std::size_t kMaxClasses = 100000;

// Without empty lines at the end.
std::vector<std::string> LinesOf(const std::filesystem::path& path) {
  std::vector<std::string> lines = ReadLines(path);
  if (lines.size() > kMaxClasses) lines.resize(kMaxClasses);
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  if (lines.empty()) throw UsageError(Named(path) + ": is empty");
  return lines;
}

std::optional<Rgb> ParseColour(std::string text) {
  std::array<std::string, 3> parts;
  const bool is_hex = text.starts_with('#');
  if (is_hex) {
    if (text.size() != 7) return {};
    for (std::size_t i = 0; i < 3; ++i) parts[i] = text.substr(1 + 2 * i, 2);
  } else {
    std::replace(text.begin(), text.end(), ',', ' ');
    std::istringstream words(text);
    std::string rest;
    if (!(words >> parts[0] >> parts[1] >> parts[2]) || words >> rest) return {};
  }
  std::array<std::uint8_t, 3> bytes = {};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto byte = ParseNumber<std::uint8_t>(parts[i], is_hex ? 16 : 10);
    if (!byte) return {};
    bytes[i] = *byte;
  }
  return Rgb{bytes[0], bytes[1], bytes[2]};
}

// The N of "class_N".
std::optional<std::size_t> NumberOf(const std::string& name) {
  constexpr std::string_view kPrefix = "class_";
  if (!name.starts_with(kPrefix)) return {};
  const auto number = ParseNumber<std::size_t>(name.substr(kPrefix.size()));
  return number && *number < kMaxClasses ? number : std::nullopt;
}

// What a list "a,b" begins with.
std::string_view FirstName(std::string_view list, std::span<const std::string> classes) {
  std::size_t length = std::min(list.find(','), list.size());
  for (const std::string& name : classes) {
    if (name.size() <= length || !list.starts_with(name)) continue;
    if (name.size() == list.size() || list[name.size()] == ',') length = name.size();
  }
  return list.substr(0, length);
}

std::size_t LabelOf(const std::string& name, std::span<const std::string> classes) {
  const auto found = std::find(classes.begin(), classes.end(), name);
  if (found != classes.end()) return static_cast<std::size_t>(found - classes.begin());
  const auto number = NumberOf(name);
  if (number && (classes.empty() || *number < classes.size())) return *number;
  const auto plain = ParseNumber<std::size_t>(name);
  if (plain && *plain < (classes.empty() ? kMaxClasses : classes.size())) return *plain;
  const std::string nearest = NearestName(name, classes);
  throw UsageError("--classes: the model has no class '" + Printable(name) + "'" +
                   (nearest.empty() ? "" : "; did you mean '" + Printable(nearest) + "'?"));
}

}  // namespace

std::vector<Rgb> ReadColours(const std::filesystem::path& path) {
  std::vector<Rgb> colours;
  for (const std::string& line : LinesOf(path)) {
    const auto colour = ParseColour(line);
    if (!colour) {
      throw UsageError(Named(path) + " line " + std::to_string(colours.size() + 1) + ": '" +
                       Printable(line) +
                       "' is no colour; write #rrggbb or three numbers from 0 to 255");
    }
    colours.push_back(*colour);
  }
  return colours;
}

std::vector<bool> FindClasses(std::span<const std::string> lists,
                              std::span<const std::string> classes) {
  std::vector<bool> wanted;
  for (std::string_view list : lists) {
    while (!list.empty()) {
      const std::string name(FirstName(list, classes));
      list.remove_prefix(std::min(list.size(), name.size() + 1));
      if (name.empty()) continue;
      const std::size_t label = LabelOf(name, classes);
      if (wanted.size() <= label) wanted.resize(label + 1);
      wanted[label] = true;
    }
  }
  return wanted;
}

}  // namespace yoloport::tool
