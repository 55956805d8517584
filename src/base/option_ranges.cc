#include "base/option_ranges.h"

#include <fmt/format.h>

#include "yoloport/error.h"

namespace yoloport::base {

void RequireRange(std::string_view option, double value, double low, double high) {
  if (value >= low && value <= high) return;
  throw UsageError(
      fmt::format("{} is {}, which is not between {} and {}", option, value, low, high));
}

}  // namespace yoloport::base
