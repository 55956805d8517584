// From a head's raw outputs to the boxes that can still matter. docs/nms.md has the contract.
#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "vision/raw_boxes.h"
#include "vision/raw_head.h"

namespace yoloport {

// The rules of docs/nms.md, and their defaults there.
struct NmsSettings {
  double score_threshold = 0.25;  // a detection's score is greater
  double iou_threshold = 0.65;    // boxes that overlap a better one by more are dropped
  std::int64_t pre_topk = 1000;   // anchors of an image that are decoded
  std::int64_t keep_topk = 100;   // detections of an image
  bool class_agnostic = false;  // an anchor stands for its best class; classes suppress each other
  bool multi_label = true;  // an anchor stands for every class above the threshold, else its best
  // Width and height, in pixels of the network's input, that a box must exceed; below 0: any box.
  std::array<float, 2> min_box = {-1, -1};

  static constexpr std::int64_t kAll = std::numeric_limits<std::int64_t>::max();
};

// A candidate box as one class.
struct ScoredBox {
  float score = 0;
  int label = 0;
  int candidate = 0;  // which of RawCandidates::boxes
  int rank = 0;       // of equal scores of a class the lower rank goes first
};

struct RawCandidates {
  std::vector<Corners> boxes;
  // Label by label; each scores above the threshold and has a finite box that is large enough.
  std::vector<ScoredBox> scored;
  std::int64_t wrong_scores = 0;  // values of classes and objects that are NaN
  std::int64_t wrong_boxes = 0;   // left out of `scored` since they are not finite
};

// Ranks and chooses the anchors of one image, and decodes the chosen ones. Class logits are
// compared with the threshold's logit as they are; only anchors that pass see an exponential. A
// value that is no number never passes, and an anchor whose box is not finite is left out.
// Thread-safe.
RawCandidates FindCandidates(const RawHead& head, std::span<const RawMap> maps,
                             const NmsSettings& settings);

}  // namespace yoloport
