// Which boxes are detections: docs/nms.md.
#pragma once

#include <cstdint>
#include <limits>

namespace yoloport::contract {

// With the defaults of docs/nms.md.
struct NmsPolicy {
  double score_threshold = 0.25;  // a detection's score is greater
  double iou_threshold = 0.65;    // boxes that overlap a better one by more are dropped
  std::int64_t pre_topk = 1000;   // candidates of an image that enter
  std::int64_t keep_topk = 100;   // detections of an image, over all classes
  // Classes suppress each other; a candidate then stands for its best class.
  bool class_agnostic = false;
  // A candidate stands for every class above the threshold, else for its best.
  bool multi_label = true;
  // Width and height that a box must exceed; below 0: boxes of any size. In pixels of the image
  // where it is known how that was scaled, else of the network's input.
  double min_box_size = -1;

  static constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();  // as a topk
};

}  // namespace yoloport::contract
