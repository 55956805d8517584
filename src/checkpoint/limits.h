// What a checkpoint may claim before it is refused: each cap is far above any real file, and
// together they bound the memory that reading costs to a small multiple of the file plus about half
// a GiB.
#pragma once

#include <cstddef>
#include <cstdint>

namespace yoloport::checkpoint {

// torch numbers its storages; the legacy format names them by an address.
inline constexpr std::size_t kMaxStorageKeyLength = 100;

// All keys of a state_dict together: room for 100,000 of 160 bytes.
inline constexpr std::size_t kMaxKeyBytes = std::size_t{16} << 20;

// One of the texts of `meta` beside the config, such as a version: a longer one is left out.
inline constexpr std::size_t kMaxMetaTextLength = 1000;

// All class names together: the largest datasets have some 20,000 classes.
inline constexpr std::size_t kMaxClassNameBytes = std::size_t{4} << 20;

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

// Of a whole network that was pickled. The largest detectors have some 3,000 modules with 40,000
// attributes, nested 10 deep; a module that stands at several places counts at each.
inline constexpr std::size_t kMaxModules = 20'000;
inline constexpr std::size_t kMaxModuleTensors = 100'000;
inline constexpr std::size_t kMaxModuleEntries = 1'000'000;
inline constexpr std::size_t kMaxModuleNesting = 50;

// The name of a module, a parameter or an attribute: a Python identifier.
inline constexpr std::size_t kMaxModuleNameLength = 200;

// What is read of one attribute: a text such as a class name, and numbers such as anchors.
inline constexpr std::size_t kMaxSavedText = 1000;
inline constexpr std::size_t kMaxSavedNumbers = 1000;

}  // namespace yoloport::checkpoint
