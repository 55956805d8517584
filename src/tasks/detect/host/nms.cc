#include "tasks/detect/host/nms.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace yoloport::tasks::detect::host {
namespace {

// The boxes of one class that were kept, coordinate by coordinate, so that one box is compared with
// a lane's worth of them at once.
class KeptBoxes {
 public:
  void Clear() { count_ = 0; }
  std::size_t size() const { return count_; }

  void Add(const Corners& box) {
    if (count_ % kLanes == 0) {
      // Boxes of nothing at the end of the last group overlap nothing.
      for (auto* list : {&left_, &top_, &right_, &bottom_}) {
        list->resize(count_);
        list->resize(count_ + kLanes, 0.0F);
      }
    }
    left_[count_] = std::min(box[0], box[2]);
    top_[count_] = std::min(box[1], box[3]);
    right_[count_] = std::max(box[0], box[2]);
    bottom_[count_] = std::max(box[1], box[3]);
    ++count_;
  }

  // Whether the IoU with one of them is greater than `threshold`. A box without area has the IoU 0
  // or none with any other.
  bool AnyOverlaps(const Corners& box, float threshold) const {
    const float left = std::min(box[0], box[2]);
    const float top = std::min(box[1], box[3]);
    const float right = std::max(box[0], box[2]);
    const float bottom = std::max(box[1], box[3]);
    const float area = (right - left) * (bottom - top);
    for (std::size_t group = 0; group < count_; group += kLanes) {
      int hits = 0;
      for (std::size_t i = group; i < group + kLanes; ++i) {
        const float width = std::min(right, right_[i]) - std::max(left, left_[i]);
        const float height = std::min(bottom, bottom_[i]) - std::max(top, top_[i]);
        const float both = std::max(width, 0.0F) * std::max(height, 0.0F);
        const float other = (right_[i] - left_[i]) * (bottom_[i] - top_[i]);
        hits |= static_cast<int>(both / (area + other - both) > threshold);
      }
      if (hits != 0) return true;
    }
    return false;
  }

 private:
  static constexpr std::size_t kLanes = 16;
  std::size_t count_ = 0;
  std::vector<float> left_, top_, right_, bottom_;
};

constexpr auto kBetter = [](const ScoredBox& a, const ScoredBox& b) {
  return a.score != b.score ? a.score > b.score : a.rank < b.rank;
};

}  // namespace

std::vector<Detection> SuppressNonMaxima(const RawCandidates& candidates,
                                         const contract::NmsPolicy& policy) {
  std::vector<ScoredBox> scored = candidates.scored;
  const auto threshold = static_cast<float>(policy.iou_threshold);
  const auto keep_topk = static_cast<std::size_t>(std::max<std::int64_t>(policy.keep_topk, 0));
  std::vector<ScoredBox> kept;
  KeptBoxes boxes;
  for (auto begin = scored.begin(); begin != scored.end();) {
    const auto end = policy.class_agnostic
                         ? scored.end()
                         : std::find_if(begin, scored.end(), [&](const ScoredBox& box) {
                             return box.label != begin->label;
                           });
    std::sort(begin, end, kBetter);
    boxes.Clear();
    for (auto at = begin; at != end && boxes.size() < keep_topk; ++at) {
      const Corners& box = candidates.boxes[static_cast<std::size_t>(at->candidate)];
      if (boxes.AnyOverlaps(box, threshold)) continue;
      boxes.Add(box);
      kept.push_back(*at);
    }
    begin = end;
  }
  std::stable_sort(kept.begin(), kept.end(),
                   [](const ScoredBox& a, const ScoredBox& b) { return a.score > b.score; });
  kept.resize(std::min(kept.size(), keep_topk));
  std::vector<Detection> detections;
  detections.reserve(kept.size());
  for (const ScoredBox& box : kept) {
    detections.push_back(
        {box.label, box.score, candidates.boxes[static_cast<std::size_t>(box.candidate)]});
  }
  return detections;
}

}  // namespace yoloport::tasks::detect::host
