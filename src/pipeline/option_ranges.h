// Ranges that several commands' options have in common.
#pragma once

#include <cstdint>
#include <string_view>

namespace yoloport {

inline constexpr std::int64_t kLargestTopk = 1 << 20;

// Throws UsageError that names `option` unless `value` is from `low` to `high`.
void RequireRange(std::string_view option, double value, double low, double high);

}  // namespace yoloport
