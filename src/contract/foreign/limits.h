// What the metadata that another program wrote may cost.
#pragma once

#include <cstddef>

namespace yoloport::contract::foreign {

inline constexpr std::size_t kMaxLiteralBytes = 4 << 20;  // a thousand class names take 20 KB
inline constexpr int kMaxLiteralDepth = 16;               // brackets, or blocks of YAML
inline constexpr std::size_t kMaxLiteralValues = 1 << 18;

}  // namespace yoloport::contract::foreign
