// Whether a name is given twice.
#pragma once

#include <algorithm>
#include <optional>
#include <set>
#include <span>
#include <string_view>

namespace yoloport::config::python {

// The place of the first name that stands in `names` before, too.
inline std::optional<std::size_t> RepeatedName(std::span<const std::string_view> names) {
  constexpr std::size_t kFew = 16;
  if (names.size() <= kFew) {
    for (std::size_t i = 1; i < names.size(); ++i) {
      const auto before = names.first(i);
      if (std::find(before.begin(), before.end(), names[i]) != before.end()) return i;
    }
    return std::nullopt;
  }
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (!seen.insert(names[i]).second) return i;
  }
  return std::nullopt;
}

}  // namespace yoloport::config::python
