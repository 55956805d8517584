// The raw outputs of a detection head, and how their channels are to be read on the host.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace yoloport {

// How the box channels become a box. `p` is a cell's prior: its grid point (column, row) plus
// prior_offset, times the stride.
enum class RawCoding {
  // Centre: sigmoid(x, y) * 2 - 0.5 cells from the grid point; size: (2 * sigmoid(w, h))^2 times
  // the anchor's (YOLOv5, YOLOv7).
  kAnchor,
  // Distances left, top, right, bottom of `p`, in strides; with bins > 1 each is the mean of a
  // softmax distribution over 0, 1 .. bins - 1 (RTMDet, YOLOv6; YOLOv8, PPYOLOE).
  kDistance,
  // Centre: p + (x, y) * stride; size: exp(w, h) * stride (YOLOX).
  kCenterSize,
};

using AnchorSize = std::array<float, 2>;  // width, height in pixels of the input

// One feature level.
struct RawLevel {
  std::array<float, 2> stride = {};      // x, y: pixels of the input
  std::vector<AnchorSize> anchors = {};  // kAnchor only
};

// Channels of a level, in easydeploy's order. kAnchor: for each anchor 4 of the box, objectness,
// classes. Else: classes, box (channel = side * bins + bin), objectness where there is one.
struct RawHead {
  RawCoding coding = RawCoding::kDistance;
  bool objectness = false;
  int num_classes = 0;
  int bins = 1;            // of a side's distribution; 1: the distance itself
  float prior_offset = 0;  // in strides
  std::vector<RawLevel> levels;

  int ChannelsPerAnchor() const { return num_classes + 4 * bins + (objectness ? 1 : 0); }
};

// What a level gave for one image; floats that the caller owns.
struct RawMap {
  const float* data = nullptr;
  int height = 0;  // cells
  int width = 0;
  bool channels_last = false;  // height x width x channels; else channels x height x width
};

// One anchor of a level: `cells()` anchors of the same kind, row by row. The value of a channel at
// a cell is at `first_of_the_channel_group[channel * channel_step + cell * cell_step]`.
struct RawBlock {
  const float* classes = nullptr;
  const float* box = nullptr;
  const float* objectness = nullptr;  // null: the head has none
  int height = 0;
  int width = 0;
  std::ptrdiff_t channel_step = 0;
  std::ptrdiff_t cell_step = 0;
  std::array<float, 2> stride = {};
  AnchorSize anchor = {};

  int cells() const { return height * width; }
};

// The blocks of all levels, in the order in which anchors are ranked when they score the same:
// level, anchor, row, column. `maps` has an entry a level of `head`, in its order.
std::vector<RawBlock> SplitIntoBlocks(const RawHead& head, std::span<const RawMap> maps);

}  // namespace yoloport
