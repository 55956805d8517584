// What a pickle may claim before it is refused: each cap is far above any real file.
#pragma once

#include <cstddef>

namespace yoloport::formats::pickle {

// A value costs about 100 bytes. The largest MMYOLO training checkpoints (optimizer, EMA copy and
// logs included) stay below 200,000.
inline constexpr std::size_t kMaxPickleValues = 500'000;

// Bounds time, and the stack and containers: each instruction adds at most one handle to each.
inline constexpr std::size_t kMaxPickleSteps = 4'000'000;

// Python's own pickler gives up at a recursion depth of 1000, so no real file is deeper.
inline constexpr std::size_t kMaxPickleNesting = 1000;

// Distinct classes and functions, and the length of one's "module.name".
inline constexpr std::size_t kMaxPickleNames = 10'000;
inline constexpr std::size_t kMaxPickleNameLength = 1000;

}  // namespace yoloport::formats::pickle
