// TensorRT's plugin BatchedNMSDynamic_TRT on the CPU, after its public description
// (plugin/batchedNMSPlugin/README.md of the repository NVIDIA/TensorRT, up to version 10).
#pragma once

#include <cstdint>
#include <vector>

#include "runtime/nms_plugin.h"

namespace yoloport::runtime {

// The plugin's attributes. shareLocation and numClasses are NmsImage's; scoreBits is about
// half-precision scores only.
struct BatchedNmsOptions {
  float score_threshold = 0.25F;  // a score that equals it is out
  float iou_threshold = 0.5F;     // an IoU that equals it does not suppress
  std::int64_t top_k = 1000;      // boxes of a class, the best, that enter suppression
  std::int64_t keep_top_k = 100;  // detections of the image
  std::int64_t background_label = -1;
  bool is_normalized = true;
  bool clip_boxes = true;       // to 0..1 when they come out; only where is_normalized
  bool caffe_semantics = true;  // unless is_normalized, boxes are a pixel wider and higher
};

// What the plugin allows for top_k.
inline constexpr std::int64_t kBatchedNmsLargestTopK = 4096;

// The detections of one image, best first; equal scores stand in order of class and then of
// suppression. A score that is NaN is below every threshold.
std::vector<NmsDetection> RunBatchedNms(const NmsImage& image, const BatchedNmsOptions& options);

}  // namespace yoloport::runtime
