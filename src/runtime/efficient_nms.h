// TensorRT's plugin EfficientNMS_TRT on the CPU, after its public description
// (plugin/efficientNMSPlugin/README.md of the repository NVIDIA/TensorRT), without its fused box
// decoder.
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/nms_plugin.h"

namespace yoloport::runtime {

// The plugin's attributes under their names.
struct EfficientNmsOptions {
  float score_threshold = 0.25F;  // a score that equals it stays
  float iou_threshold = 0.5F;     // an IoU that equals it suppresses
  std::int64_t max_output_boxes = 100;
  std::int64_t background_class = -1;  // never comes out; -1: there is none
  bool score_activation = false;       // scores are logits; what comes out is their sigmoid
  bool class_agnostic = false;         // classes suppress each other
  bool center_size = false;            // box_coding 1: boxes are centre x, y, width, height
};

// How many pairs of box and class, the best, enter suppression.
inline constexpr std::size_t kEfficientNmsCandidates = 4096;

// The detections of one image, best first. Equal scores stand in order of class and then of box
// (class-agnostic: of box), where the plugin leaves the order open. A score that is NaN is below
// every threshold.
std::vector<NmsDetection> RunEfficientNms(const NmsImage& image,
                                          const EfficientNmsOptions& options);

}  // namespace yoloport::runtime
