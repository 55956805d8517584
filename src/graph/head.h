// What a detection head hands to whoever decodes it: per level the logits, and how boxes are coded.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "graph/graph.h"

namespace yoloport::graph {

// How the box channels are to be read. `p` is a position's prior: its grid point times the stride,
// plus prior_offset strides.
enum class BoxCoding {
  // sigmoid(x, y) * 2 - 0.5 cells from the grid point; (2 * sigmoid(w, h))^2 times the anchor's
  // size
  // (YOLOv5, YOLOv7).
  kAnchor,
  // Distances left, top, right, bottom of `p`, in strides; with bins > 1 each is the mean of a
  // softmax
  // distribution over 0, 1 .. bins - 1 (RTMDet; YOLOv6, YOLOv8, PPYOLOE).
  kDistance,
  // Centre: p + (x, y) * stride; size: exp(w, h) * stride (YOLOX).
  kCenterSize,
};

// One feature level. A position is one anchor of one cell: index = (anchor * H + y) * W + x, P of
// them.
struct HeadLevel {
  Value classes;                      // N x C x P, logits
  Value boxes;                        // N x (4 * bins) x P; channel = side * bins + bin
  Value objectness;                   // N x 1 x P, logits; no value for heads without objectness
  Value feature;                      // N x any x H x W of this level: it tells H and W
  std::array<double, 2> stride = {};  // x, y: pixels of the input image
  std::vector<std::array<double, 2>> anchors = {};  // w, h in pixels; empty without anchors
};

struct DetectionHead {
  BoxCoding coding = BoxCoding::kDistance;
  std::int64_t num_classes = 0;
  std::int64_t bins = 1;      // of a side's distribution; 1: the distance itself
  double prior_offset = 0.5;  // in strides
  std::vector<HeadLevel> levels;
};

}  // namespace yoloport::graph
