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

// How the numbers of a level's positions lie. A position is one anchor of one cell; there are P of
// them in a level, A in a cell.
enum class HeadLayout {
  // N x columns x P, position = (anchor * H + y) * W + x: as a map of channels lies in memory.
  kPositionsLast,
  // N x P x columns, position = (y * W + x) * A + anchor: for runtimes that compute with channels
  // last, and give that away for nothing.
  kPositionsFirst,
};

// The axis of the positions; that of the columns is the other one of 1 and 2.
constexpr std::int64_t PositionAxis(HeadLayout layout) {
  return layout == HeadLayout::kPositionsFirst ? 1 : 2;
}

// One feature level: of each position the numbers of one row or column.
struct HeadLevel {
  Value classes;                      // C logits
  Value boxes;                        // 4 * bins; number = side * bins + bin
  Value objectness;                   // 1 logit; no value for heads without objectness
  Value feature;                      // N x any x H x W of this level: it tells H and W
  std::array<double, 2> stride = {};  // x, y: pixels of the input image
  std::vector<std::array<double, 2>> anchors = {};  // w, h in pixels; empty without anchors
};

struct DetectionHead {
  BoxCoding coding = BoxCoding::kDistance;
  HeadLayout layout = HeadLayout::kPositionsLast;
  std::int64_t num_classes = 0;
  std::int64_t bins = 1;          // of a side's distribution; 1: the distance itself
  double prior_offset = 0.5;      // in strides
  std::vector<HeadLevel> levels;  // all with as many anchors
};

// A map of A * columns channels, N x channels x H x W, as the positions of a level. The channel is
// anchor * columns + column for positions first, column * A + anchor for positions last.
Value PositionsOf(Value map, std::int64_t columns, HeadLayout layout);

}  // namespace yoloport::graph
