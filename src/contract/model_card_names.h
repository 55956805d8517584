// How the metadata document spells values: for its writer and its reader.
#pragma once

#include <cstdint>
#include <span>

namespace yoloport::contract::metadata {

inline constexpr std::int64_t kFormat = 1;  // a change that old readers misread raises it

using Names = std::span<const char* const>;  // of an enumeration's values, in their order
inline constexpr const char* kResizeNames[] = {"letterbox", "stretch"};
inline constexpr const char* kInterpolationNames[] = {"nearest", "bilinear", "bicubic", "area",
                                                      "lanczos"};
inline constexpr const char* kRoundingNames[] = {"truncate", "half_up", "half_even", "down"};
inline constexpr const char* kInputTypeNames[] = {"float", "uint8"};
inline constexpr const char* kInputLayoutNames[] = {"nchw", "nhwc"};
inline constexpr const char* kPadSideNames[] = {"center", "right_bottom"};
inline constexpr const char* kPadToNames[] = {"stride", "input", "square"};
inline constexpr const char* kPadDomainNames[] = {"pixel", "input"};
inline constexpr const char* kOrientationNames[] = {"upright", "as_stored"};

}  // namespace yoloport::contract::metadata
