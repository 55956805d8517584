// What the transforms of a test pipeline say about images. docs/config_keys.md lists every
// transform and key that is known, and what becomes of it.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "yoloport/types.h"

namespace yoloport::sources::mmengine {

using WidthHeight = std::array<std::int64_t, 2>;  // pixels

// A pipeline, read in its order.
struct ImageTransforms {
  std::string framework;  // whose inference notes compare with: "MMYOLO"
  Preprocess preprocess;  // but for the extents of the input and what normalizes
  bool packs = false;     // PackDetInputs
  bool resizes = false;
  bool pads = false;                  // LetterResize, Pad or FixShapeResize
  std::optional<WidthHeight> edges;   // the scale that keeps the ratio, in either orientation
  std::optional<WidthHeight> canvas;  // what is filled: by stretching or by padding
  bool pads_to_square = false;
  bool ignores_pad_size = false;   // Pad's, which does not hold the edges
  bool pads_mini = false;          // LetterResize's use_mini_pad
  std::int64_t size_divisor = 1;   // of what is padded to
  std::vector<std::string> notes;  // what does not apply to a file, or not exactly
};

// Reads a list of transforms; of test-time augmentation its first, plain branch. Throws ConfigError
// at a transform or an argument that is not known, and where one asks for what is not supported.
ImageTransforms ReadTransforms(const config::ConfigNode& pipeline, std::string framework);

}  // namespace yoloport::sources::mmengine
