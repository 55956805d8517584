// Ranges that several commands' options have in common.
#pragma once

#include <string_view>

namespace yoloport::base {

// Throws UsageError that names `option` unless `value` is from `low` to `high`.
void RequireRange(std::string_view option, double value, double low, double high);

}  // namespace yoloport::base
