// What an archive may claim before it is refused.
#pragma once

#include <cstdint>

namespace yoloport::formats::zip {

// torch never compresses; weights that somebody compressed shrink by a tenth, a pickle to a fifth.
inline constexpr std::uint64_t kMaxInflationRatio = 32;
inline constexpr std::uint64_t kFreeInflatedBytes = std::uint64_t{64} << 20;

}  // namespace yoloport::formats::zip
