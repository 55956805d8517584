// Ranges that several commands' options have in common.
#pragma once

#include <cstdint>
#include <string_view>

namespace yoloport::base {

// Throws UsageError that names `option` unless `value` is from `low` to `high`.
void RequireRange(std::string_view option, double value, double low, double high);

// The multiple of `step` that is nearest to `side`, at least one step. Both are positive.
std::int64_t NearestMultiple(std::int64_t side, std::int64_t step);

}  // namespace yoloport::base
