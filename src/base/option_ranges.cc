#include "base/option_ranges.h"

#include <fmt/format.h>

#include <algorithm>

#include "yoloport/error.h"

namespace yoloport::base {

void RequireRange(std::string_view option, double value, double low, double high) {
  if (value >= low && value <= high) return;
  throw UsageError(
      fmt::format("{} is {}, which is not between {} and {}", option, value, low, high));
}

std::int64_t NearestMultiple(std::int64_t side, std::int64_t step) {
  return std::max(std::int64_t{1}, (side + step / 2) / step) * step;
}

}  // namespace yoloport::base
