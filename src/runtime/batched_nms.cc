#include "runtime/batched_nms.h"

#include <algorithm>

namespace yoloport::runtime {
namespace {

using Corners = std::array<float, 4>;

struct Scored {
  float score;
  std::int32_t box;
};

// The best boxes of a class, best first.
std::vector<Scored> BestOfClass(const NmsImage& image, std::int64_t label,
                                const BatchedNmsOptions& options) {
  std::vector<Scored> best;
  const std::int64_t boxes = image.box_count();
  for (std::int64_t box = 0; box < boxes; ++box) {
    const float score = image.Score(box, label);
    if (score > options.score_threshold) best.push_back({score, static_cast<std::int32_t>(box)});
  }
  std::stable_sort(best.begin(), best.end(),
                   [](const Scored& a, const Scored& b) { return a.score > b.score; });
  if (static_cast<std::int64_t>(best.size()) > options.top_k) {
    best.resize(static_cast<std::size_t>(options.top_k));
  }
  return best;
}

// Opposite corners may come in any order.
Corners Ordered(const Corners& box) {
  return {std::min(box[0], box[2]), std::min(box[1], box[3]), std::max(box[0], box[2]),
          std::max(box[1], box[3])};
}

// Where boxes do not touch, their intersection is a box at 0 0: with `pixel` 1 it still has an area
// of 1, in the plugin as in Caffe.
Corners Intersection(const Corners& a, const Corners& b) {
  if (b[0] > a[2] || b[2] < a[0] || b[1] > a[3] || b[3] < a[1]) return {};
  return {std::max(a[0], b[0]), std::max(a[1], b[1]), std::min(a[2], b[2]), std::min(a[3], b[3])};
}

float Iou(const Corners& first, const Corners& second, float pixel) {
  const Corners a = Ordered(first);
  const Corners b = Ordered(second);
  const auto width = [pixel](const Corners& box) { return box[2] - box[0] + pixel; };
  const auto height = [pixel](const Corners& box) { return box[3] - box[1] + pixel; };
  const Corners both = Intersection(a, b);
  if (!(width(both) > 0 && height(both) > 0)) return 0;
  const float intersection = width(both) * height(both);
  return intersection / (width(a) * height(a) + width(b) * height(b) - intersection);
}

// Appends what suppression leaves of a class.
void SuppressClass(const NmsImage& image, std::int64_t label, const BatchedNmsOptions& options,
                   std::vector<NmsDetection>& kept) {
  const float pixel = options.caffe_semantics && !options.is_normalized ? 1 : 0;
  const auto begin = static_cast<std::ptrdiff_t>(kept.size());
  for (const Scored& candidate : BestOfClass(image, label, options)) {
    const Corners box = image.Box(candidate.box, label);
    const bool suppressed =
        std::any_of(kept.begin() + begin, kept.end(), [&](const NmsDetection& better) {
          return Iou(better.box, box, pixel) > options.iou_threshold;
        });
    if (!suppressed) kept.push_back({box, candidate.score, static_cast<std::int32_t>(label)});
  }
}

}  // namespace

std::vector<NmsDetection> RunBatchedNms(const NmsImage& image, const BatchedNmsOptions& options) {
  std::vector<NmsDetection> kept;
  for (std::int64_t label = 0; label < image.classes; ++label) {
    if (label != options.background_label) SuppressClass(image, label, options, kept);
  }
  std::stable_sort(kept.begin(), kept.end(),
                   [](const NmsDetection& a, const NmsDetection& b) { return a.score > b.score; });
  if (static_cast<std::int64_t>(kept.size()) > options.keep_top_k) {
    kept.resize(static_cast<std::size_t>(options.keep_top_k));
  }
  if (options.clip_boxes && options.is_normalized) {
    for (NmsDetection& detection : kept) {
      for (float& number : detection.box) number = std::clamp(number, 0.0F, 1.0F);
    }
  }
  return kept;
}

}  // namespace yoloport::runtime
