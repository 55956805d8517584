// Box channels to corners, in the graph.
#pragma once

#include "graph/graph.h"
#include "graph/head.h"

namespace yoloport {

// `boxes`: N x (4 * bins) x K, what the head said at `positions` (N x K, counted over all levels).
// Gives N x K x 4: x1 y1 x2 y2 in pixels of the network's input. The formulas are those of
// graph::BoxCoding; priors are computed from the positions, so any feature map size will do.
graph::Value DecodeBoxes(const graph::DetectionHead& head, graph::Value boxes,
                         graph::Value positions);

}  // namespace yoloport
