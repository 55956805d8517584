// Names that whoever looks them up in an unseeded hash table compares one by one.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace yoloport::bad_inputs {

// `count` names of 16 bytes with the same value of libstdc++'s std::hash<std::string>.
inline std::vector<std::string> CollidingNames(std::size_t count) {
  // Its hash of 16 bytes (MurmurHash64A) takes two words w: h = (h ^ Mix(w)) * m. For any first
  // word, the second one that leads to the same h is found by inverting Mix.
  constexpr std::uint64_t kMul = 0xc6a4a7935bd1e995;
  constexpr std::uint64_t kInverse = 0x5f7a0ea7e59b19bd;  // kMul * kInverse == 1
  static_assert(kMul * kInverse == 1);
  const auto shift = [](std::uint64_t x) { return x ^ (x >> 47); };  // its own inverse
  const auto mix = [&](std::uint64_t x) { return shift(x * kMul) * kMul; };
  const auto unmix = [&](std::uint64_t x) { return shift(x * kInverse) * kInverse; };
  const std::uint64_t start = 0xc70f6907 ^ (16 * kMul);
  std::vector<std::string> names;
  for (std::uint64_t first = 1; first <= count; ++first) {
    const std::uint64_t second = unmix((start ^ mix(first)) * kMul);
    std::string name(16, '\0');
    for (std::size_t i = 0; i < 8; ++i) {
      name[i] = static_cast<char>(first >> (8 * i));
      name[8 + i] = static_cast<char>(second >> (8 * i));
    }
    names.push_back(name);
  }
  return names;
}

}  // namespace yoloport::bad_inputs
