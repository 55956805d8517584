// What a detection head gives, for whoever decodes it: as nodes of a graph, or on the host.
#pragma once

#include <array>
#include <vector>

namespace yoloport::contract {

// How the box numbers of a position become a box. `p` is the position's prior: its grid point
// (column, row) plus prior_offset, times the stride.
enum class BoxCoding {
  // Centre: sigmoid(x, y) * 2 - 0.5 cells from the grid point; size: (2 * sigmoid(w, h))^2 times
  // the anchor's (YOLOv5, YOLOv7).
  kAnchor,
  // Distances left, top, right, bottom of `p`, in strides; with bins > 1 each is the mean of a
  // softmax distribution over 0, 1 .. bins - 1 (RTMDet, YOLOv6; YOLOv8, PPYOLOE).
  kDistance,
  // Centre: p + (x, y) * stride; size: exp(w, h) * stride (YOLOX).
  kCenterSize,
};

using AnchorSize = std::array<double, 2>;  // width, height in pixels of the network's input

// One feature level.
struct LevelSpec {
  std::array<double, 2> stride = {};     // x, y: pixels of the network's input
  std::vector<AnchorSize> anchors = {};  // kAnchor only
};

struct HeadSpec {
  BoxCoding coding = BoxCoding::kDistance;
  bool objectness = false;
  int num_classes = 0;
  int bins = 1;               // of a side's distribution; 1: the distance itself
  double prior_offset = 0.5;  // in strides
  // Boxes are cut at the edges of the network's input before they suppress each other, as by
  // mmdet's DistancePointBBoxCoder with clip_border.
  bool clips_boxes = false;
  // The network gives one box an object: none suppresses another (YOLOv10, YOLO26).
  bool one_to_one = false;
  std::vector<LevelSpec> levels;

  // Numbers of a position.
  int ChannelsPerAnchor() const { return num_classes + 4 * bins + (objectness ? 1 : 0); }
};

}  // namespace yoloport::contract
