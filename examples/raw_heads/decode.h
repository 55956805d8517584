// Boxes from the raw heads of a yoloport file, without yoloport: to copy into programs for devices.
// One header of C++17 that needs nothing else. docs/raw_heads.md says what the numbers are; every
// file has them in its metadata.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <vector>

namespace raw_heads {

enum class Coding { kAnchor, kDistance, kCenterSize };

// By the metadata key `type`: yolov5, yolov7: kAnchor, objectness; yolox: kCenterSize, objectness;
// yolov6, yolov8, rtmdet, ppyoloe, ppyoloep: kDistance, no objectness.
struct Head {
  Coding coding = Coding::kDistance;
  bool objectness = false;
  int num_classes = 80;
  int reg_max = 0;             // metadata; 0: a side is one number
  float prior_offset = 0.5F;   // metadata
  bool channels_last = false;  // files for ncnn, horizonx3 and torchscript
  // Of the network's input, where the metadata say clips_boxes; 0: boxes are not cut.
  float clip_width = 0;
  float clip_height = 0;
};

// One output of the network, for one image.
struct Level {
  const float* data = nullptr;
  int height = 0;  // cells
  int width = 0;
  std::array<float, 2> stride = {};                // x, y: metadata `strides`
  std::vector<std::array<float, 2>> anchors = {};  // width, height: metadata; kAnchor only
};

struct Object {
  int label = 0;
  float score = 0;
  std::array<float, 4> box = {};  // x1, y1, x2, y2 in pixels of the network's input
};

inline float Sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// The numbers of one anchor of one cell: number `i` of it.
struct Numbers {
  const float* first;
  std::ptrdiff_t step;
  float operator[](int i) const { return first[i * step]; }
};

// The mean of the distribution whose logits are numbers `first` to `first + bins - 1`.
inline float Mean(const Numbers& numbers, int first, int bins) {
  if (bins == 1) return numbers[first];
  float largest = numbers[first];
  for (int i = 1; i < bins; ++i) largest = std::max(largest, numbers[first + i]);
  float sum = 0, weighted = 0;
  for (int i = 0; i < bins; ++i) {
    const float share = std::exp(numbers[first + i] - largest);
    sum += share;
    weighted += share * static_cast<float>(i);
  }
  return weighted / sum;
}

// The box of the anchor at column `x`, row `y`, of which `boxes` are the numbers.
inline std::array<float, 4> DecodeBox(const Head& head, const Level& level, const Numbers& boxes,
                                      int x, int y, std::size_t anchor) {
  const auto [stride_x, stride_y] = level.stride;
  const float column = static_cast<float>(x), row = static_cast<float>(y);
  if (head.coding == Coding::kAnchor) {
    const float w = 2 * Sigmoid(boxes[2]), h = 2 * Sigmoid(boxes[3]);
    const float cx = (2 * Sigmoid(boxes[0]) - 0.5F + column) * stride_x;
    const float cy = (2 * Sigmoid(boxes[1]) - 0.5F + row) * stride_y;
    const float half_w = w * w * level.anchors[anchor][0] / 2;
    const float half_h = h * h * level.anchors[anchor][1] / 2;
    return {cx - half_w, cy - half_h, cx + half_w, cy + half_h};
  }
  const float px = (column + head.prior_offset) * stride_x;
  const float py = (row + head.prior_offset) * stride_y;
  if (head.coding == Coding::kCenterSize) {
    const float cx = px + boxes[0] * stride_x, cy = py + boxes[1] * stride_y;
    const float half_w = std::exp(boxes[2]) * stride_x / 2;
    const float half_h = std::exp(boxes[3]) * stride_y / 2;
    return {cx - half_w, cy - half_h, cx + half_w, cy + half_h};
  }
  const int bins = head.reg_max + 1;  // of each side: left, top, right, bottom
  return {px - Mean(boxes, 0, bins) * stride_x, py - Mean(boxes, bins, bins) * stride_y,
          px + Mean(boxes, 2 * bins, bins) * stride_x, py + Mean(boxes, 3 * bins, bins) * stride_y};
}

// Cut at the edges of the input.
inline std::array<float, 4> Clipped(const Head& head, std::array<float, 4> box) {
  if (head.clip_width <= 0) return box;
  for (std::size_t i = 0; i < 4; ++i) {
    box[i] = std::clamp(box[i], 0.0F, i % 2 == 0 ? head.clip_width : head.clip_height);
  }
  return box;
}

// All boxes that score more than `score_threshold`, an entry for each class that does.
inline std::vector<Object> Decode(const Head& head, const std::vector<Level>& levels,
                                  float score_threshold) {
  const int box_numbers = head.coding == Coding::kDistance ? 4 * (head.reg_max + 1) : 4;
  const int numbers = head.num_classes + box_numbers + (head.objectness ? 1 : 0);
  std::vector<Object> objects;
  for (const Level& level : levels) {
    const std::size_t anchors = std::max<std::size_t>(1, level.anchors.size());
    const std::ptrdiff_t cells = std::ptrdiff_t{level.height} * level.width;
    const std::ptrdiff_t channels = static_cast<std::ptrdiff_t>(anchors) * numbers;
    const std::ptrdiff_t step = head.channels_last ? 1 : cells;
    for (std::size_t anchor = 0; anchor < anchors; ++anchor) {
      for (std::ptrdiff_t cell = 0; cell < cells; ++cell) {
        const std::ptrdiff_t channel = static_cast<std::ptrdiff_t>(anchor) * numbers;
        const float* at = level.data + (head.channels_last ? cell * channels : cell);
        // With anchors: box, objectness, classes. Else: classes, box, objectness.
        const bool boxes_first = head.coding == Coding::kAnchor;
        const int classes_at = boxes_first ? 5 : 0;
        const int box_at = boxes_first ? 0 : head.num_classes;
        const int object_at = boxes_first ? 4 : head.num_classes + box_numbers;
        const auto part = [&](int first) { return Numbers{at + (channel + first) * step, step}; };
        const float object = head.objectness ? Sigmoid(part(object_at)[0]) : 1;
        if (object <= score_threshold) continue;
        for (int label = 0; label < head.num_classes; ++label) {
          const float score = object * Sigmoid(part(classes_at)[label]);
          if (score <= score_threshold) continue;
          const int x = static_cast<int>(cell % level.width);
          const int y = static_cast<int>(cell / level.width);
          objects.push_back(
              {label, score, Clipped(head, DecodeBox(head, level, part(box_at), x, y, anchor))});
        }
      }
    }
  }
  return objects;
}

inline float Iou(const std::array<float, 4>& a, const std::array<float, 4>& b) {
  const float width = std::min(a[2], b[2]) - std::max(a[0], b[0]);
  const float height = std::min(a[3], b[3]) - std::max(a[1], b[1]);
  if (width <= 0 || height <= 0) return 0;
  const float both = width * height;
  return both / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - both);
}

// Non-maximum suppression, each class by itself: at most `keep` objects, the best first.
inline std::vector<Object> Suppress(std::vector<Object> objects, float iou_threshold,
                                    std::size_t keep) {
  std::stable_sort(objects.begin(), objects.end(),
                   [](const Object& a, const Object& b) { return a.score > b.score; });
  std::vector<Object> kept;
  for (const Object& object : objects) {
    if (kept.size() == keep) break;
    const bool is_new = std::none_of(kept.begin(), kept.end(), [&](const Object& better) {
      return better.label == object.label && Iou(better.box, object.box) > iou_threshold;
    });
    if (is_new) kept.push_back(object);
  }
  return kept;
}

}  // namespace raw_heads
