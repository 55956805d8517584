// Box channels to boxes, in the graph.
#pragma once

#include "graph/graph.h"
#include "graph/head.h"

namespace yoloport::tasks::detect::nodes {

// What the four numbers of a decoded box are, in pixels of the network's input.
enum class BoxFormat {
  kCorners,     // x1 y1 x2 y2
  kCenterSize,  // centre x, centre y, width, height
};

// The format that costs a head nothing more to give.
BoxFormat NativeFormat(const graph::DetectionHead& head);

// `boxes`: N x K x (4 * bins), what the head said at `positions` (N x K, counted over all levels).
// Gives N x K x 4 in `format`, which for heads that tell distances must be kCorners. The formulas
// are those of graph::BoxCoding; priors are computed from the positions, so any feature map size
// will do.
graph::Value DecodeBoxes(const graph::DetectionHead& head, graph::Value boxes,
                         graph::Value positions, BoxFormat format);

// `corners` (N x K x 4) with what is outside of the network's input moved to its edges, where the
// head says so; else as they are.
graph::Value ClipToInput(const graph::DetectionHead& head, graph::Value corners);

}  // namespace yoloport::tasks::detect::nodes
