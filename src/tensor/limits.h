// What a file's tensor may have before it is refused.
#pragma once

#include <cstddef>

namespace yoloport::tensor {

// Weights of detectors have at most 5 dimensions.
inline constexpr std::size_t kMaxRank = 16;

}  // namespace yoloport::tensor
