// From a head's raw outputs to the boxes that can still matter. docs/nms.md has the contract.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "contract/nms_policy.h"
#include "tasks/detect/host/raw_boxes.h"
#include "tasks/detect/host/raw_head.h"

namespace yoloport::tasks::detect::host {

// Width and height, in pixels of the network's input, that a box must exceed; below 0: any box.
using MinBox = std::array<float, 2>;
inline constexpr MinBox kAnyBox = {-1, -1};

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
RawCandidates FindCandidates(const contract::RawHeadFit& fit, std::span<const RawMap> maps,
                             const contract::NmsPolicy& policy, const MinBox& min_box = kAnyBox);

}  // namespace yoloport::tasks::detect::host
