// What files from strangers may claim before they are refused.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace yoloport {

// Of ExportOptions.
inline constexpr int kLowestOpset = 11;
inline constexpr int kHighestOpset = 17;   // of Debian's libonnx
inline constexpr int kLargestSide = 8192;  // pixels; far beyond what detectors are trained for
inline constexpr int kLargestBatch = 1024;
inline constexpr std::int64_t kLargestTopk = 1 << 20;  // 640 x 640 pixels have 25,200 positions

// Of a list of inputs for detect: what its folders hold and what its patterns (*, ?, []) look at,
// which a line of a few bytes can make any number. Each costs a microsecond or two,
// and counts again for each 64 bytes of its path.
inline constexpr std::int64_t kMaxListEntries = 500'000;

// Of a list of inputs: addresses and cameras. Opening one takes a library a tenth of a millisecond
// where nothing is there, and any time where something is.
inline constexpr int kMaxListSources = 100;

// Of the input that a detector prepares for a run, of all its images: 640 MiB as floats, where a
// file of a kilobyte may ask for any size. 32 images of 1280 x 1280 are a little less.
inline constexpr std::int64_t kMaxInputElements = std::int64_t{160} << 20;

struct Limit {
  std::string what;    // "nesting of a config's brackets"
  std::string value;   // "200", "1.0 MiB"
  std::string reason;  // why this much is enough
};

// All of them: config, checkpoint, ONNX file, image, options.
std::vector<Limit> Limits();

}  // namespace yoloport
