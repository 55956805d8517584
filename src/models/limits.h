// What a config may ask a network to be.
#pragma once

#include <cstdint>

namespace yoloport::models {

// widen_factor and deepen_factor; the largest published are 1.33 and 1.25.
inline constexpr double kMaxFactor = 16;

// The largest datasets have some 20,000 classes.
inline constexpr std::int64_t kMaxClasses = 100'000;

}  // namespace yoloport::models
