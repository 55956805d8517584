// What a checkpoint may claim before it is refused: each cap is far above any real file, and
// together they bound the memory that reading costs to a small multiple of the file plus about half
// a GiB.
#pragma once

#include <cstddef>
#include <cstdint>

namespace yoloport {

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

// torch never compresses; weights that somebody compressed shrink by a tenth, a pickle to a fifth.
inline constexpr std::uint64_t kMaxInflationRatio = 32;
inline constexpr std::uint64_t kFreeInflatedBytes = std::uint64_t{64} << 20;

// 100 bytes a tensor, so room for 300,000 tensors; parsing costs a few times as much.
inline constexpr std::uint64_t kMaxSafetensorsHeader = std::uint64_t{32} << 20;

// torch numbers its storages; the legacy format names them by an address.
inline constexpr std::size_t kMaxStorageKeyLength = 100;

// All keys of a state_dict together: room for 100,000 of 160 bytes.
inline constexpr std::size_t kMaxKeyBytes = std::size_t{16} << 20;

// One of the texts of `meta` beside the config, such as a version: a longer one is left out.
inline constexpr std::size_t kMaxMetaTextLength = 1000;

// All class names together: the largest datasets have some 20,000 classes.
inline constexpr std::size_t kMaxClassNameBytes = std::size_t{4} << 20;

// Weights of detectors have at most 5 dimensions.
inline constexpr std::size_t kMaxRank = 16;

// Strides of 0 let one stored element stand for many. This is what a tensor with more elements than
// its storage may take when it is written out.
inline constexpr std::uint64_t kMaxExpandedBytes = std::uint64_t{64} << 20;

// How many times the bytes of the storages all tensors together may have, beyond the same free
// bytes: heads of RTMDet share their weights, but no network is made of one tensor.
inline constexpr std::uint64_t kMaxSharing = 2;

// Entries of the dict of flags ('conj', 'neg') behind a tensor.
inline constexpr std::size_t kMaxTensorFlags = 16;

// Zeros that stand for one missing weight; the largest weights of detectors have some 40 MB.
inline constexpr std::int64_t kMaxPlaceholderBytes = std::int64_t{256} << 20;

// Weights that a network may want and a checkpoint not have before that is told at once; the
// largest detectors have some 2,000. Bounds what a config of a million layers costs.
inline constexpr std::size_t kMaxMissingKeys = 10'000;

}  // namespace yoloport
