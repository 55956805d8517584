// What the CPU versions of TensorRT's NMS plugins have in common: the input of one image, and what
// comes out. They follow NVIDIA's description of the plugins and know nothing of a runtime.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace yoloport::runtime {

// `scores`: B x C. `boxes`: B x L x 4, where L is 1 (a box for all classes) or C.
struct NmsImage {
  std::span<const float> boxes;
  std::span<const float> scores;
  std::int64_t classes = 0;      // C
  std::int64_t box_classes = 1;  // L

  std::int64_t box_count() const {
    return static_cast<std::int64_t>(scores.size()) / (classes > 0 ? classes : 1);
  }
  // The four numbers of a box, as they stand in the input.
  std::array<float, 4> Box(std::int64_t box, std::int64_t label) const {
    const std::int64_t row = box * box_classes + (box_classes == 1 ? 0 : label);
    const float* at = boxes.data() + 4 * row;
    return {at[0], at[1], at[2], at[3]};
  }
  float Score(std::int64_t box, std::int64_t label) const {
    return scores[static_cast<std::size_t>(box * classes + label)];
  }
};

struct NmsDetection {
  std::array<float, 4> box = {};  // two opposite corners
  float score = 0;
  std::int32_t label = 0;
};

}  // namespace yoloport::runtime
