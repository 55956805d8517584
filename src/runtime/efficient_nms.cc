#include "runtime/efficient_nms.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

namespace yoloport::runtime {
namespace {

using Corners = std::array<float, 4>;

struct Pair {
  float score;
  std::int32_t label;
  std::int32_t box;
};

// The threshold that sigmoid(score) >= threshold is for the score itself.
float RawThreshold(const EfficientNmsOptions& options) {
  const float threshold = options.score_threshold;
  if (!options.score_activation) return threshold;
  if (threshold <= 0) return -std::numeric_limits<float>::infinity();
  return std::log(threshold / (1 - threshold));
}

std::vector<Pair> PairsAbove(const NmsImage& image, const EfficientNmsOptions& options) {
  const float threshold = RawThreshold(options);
  std::vector<Pair> pairs;
  const std::int64_t boxes = image.box_count();
  for (std::int64_t box = 0; box < boxes; ++box) {
    for (std::int64_t label = 0; label < image.classes; ++label) {
      const float score = image.Score(box, label);
      if (!(score >= threshold) || label == options.background_class) continue;
      pairs.push_back({score, static_cast<std::int32_t>(label), static_cast<std::int32_t>(box)});
    }
  }
  return pairs;
}

void KeepBest(std::vector<Pair>& pairs, bool class_agnostic) {
  const auto better = [class_agnostic](const Pair& a, const Pair& b) {
    if (a.score != b.score) return a.score > b.score;
    return class_agnostic ? std::tie(a.box, a.label) < std::tie(b.box, b.label)
                          : std::tie(a.label, a.box) < std::tie(b.label, b.box);
  };
  const auto end =
      pairs.begin() + static_cast<std::ptrdiff_t>(std::min(pairs.size(), kEfficientNmsCandidates));
  std::partial_sort(pairs.begin(), end, pairs.end(), better);
  pairs.erase(end, pairs.end());
}

Corners ToCorners(const std::array<float, 4>& box, bool center_size) {
  if (!center_size) return box;
  const float half_width = box[2] * 0.5F;
  const float half_height = box[3] * 0.5F;
  return {box[0] - half_width, box[1] - half_height, box[0] + half_width, box[1] + half_height};
}

float Area(const Corners& box) {
  const float width = box[2] - box[0];
  const float height = box[3] - box[1];
  return width <= 0 || height <= 0 ? 0 : width * height;
}

// Opposite corners may come in any order.
Corners Ordered(const Corners& box) {
  return {std::min(box[0], box[2]), std::min(box[1], box[3]), std::max(box[0], box[2]),
          std::max(box[1], box[3])};
}

float Iou(const Corners& first, const Corners& second) {
  const Corners a = Ordered(first);
  const Corners b = Ordered(second);
  const float intersection = Area(
      {std::max(a[0], b[0]), std::max(a[1], b[1]), std::min(a[2], b[2]), std::min(a[3], b[3])});
  if (!(intersection > 0)) return 0;
  const float together = Area(a) + Area(b) - intersection;
  return together > 0 ? intersection / together : 0;
}

float Sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

}  // namespace

std::vector<NmsDetection> RunEfficientNms(const NmsImage& image,
                                          const EfficientNmsOptions& options) {
  std::vector<Pair> pairs = PairsAbove(image, options);
  KeepBest(pairs, options.class_agnostic);
  std::vector<NmsDetection> kept;
  for (const Pair& pair : pairs) {
    if (static_cast<std::int64_t>(kept.size()) >= options.max_output_boxes) break;
    const Corners box = ToCorners(image.Box(pair.box, pair.label), options.center_size);
    const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](const NmsDetection& better) {
      return (options.class_agnostic || better.label == pair.label) &&
             Iou(better.box, box) >= options.iou_threshold;
    });
    if (!suppressed) kept.push_back({box, pair.score, pair.label});
  }
  if (options.score_activation) {
    for (NmsDetection& detection : kept) detection.score = Sigmoid(detection.score);
  }
  return kept;
}

}  // namespace yoloport::runtime
