// What a safetensors file may claim before it is refused.
#pragma once

#include <cstdint>

namespace yoloport::formats::safetensors {

// 100 bytes a tensor, so room for 300,000 tensors; parsing costs a few times as much.
inline constexpr std::uint64_t kMaxSafetensorsHeader = std::uint64_t{32} << 20;

}  // namespace yoloport::formats::safetensors
