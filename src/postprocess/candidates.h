// From a head's logits to the boxes that can still matter: the pre-topk best anchors of each image.
#pragma once

#include <cstdint>

#include "graph/graph.h"
#include "graph/head.h"

namespace yoloport {

// K = min(pre_topk, all positions of all levels) candidates per image, best first.
struct Candidates {
  graph::Value boxes;   // N x K x 4: x1 y1 x2 y2 in pixels of the network's input
  graph::Value scores;  // N x C x K, 0..1: classes outside, as NonMaxSuppression wants them
};

// Ranks every position by its best class score (times objectness), keeps the `pre_topk` best of
// each image and decodes only those: no exponential, no transposition and no gather ever touches
// the rest. Ties keep the order of levels, anchors, rows, columns.
Candidates SelectCandidates(const graph::DetectionHead& head, std::int64_t pre_topk);

}  // namespace yoloport
