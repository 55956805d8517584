// From a head's logits to the boxes that can still matter: the pre-topk best anchors of each image.
#pragma once

#include <cstdint>

#include "graph/graph.h"
#include "graph/head.h"
#include "tasks/detect/nodes/decode.h"

namespace yoloport::tasks::detect::nodes {

struct CandidateSpec {
  std::int64_t pre_topk = 1000;  // candidates of an image
  BoxFormat format = BoxFormat::kCorners;
  // With ONNX's Gather in place of its GatherElements, which TensorRT 7 does not have, also for
  // several images; then slower in ONNX Runtime.
  bool plain_gather = false;
  // float32, 1: what does not score above it is no candidate, which makes the little that is left
  // quicker to work on. No value: K is known beforehand where the head's size is.
  graph::Value score_threshold = {};
  // float32, N x 2 or 1 x 2: what is no wider than the first and no higher than the second, in
  // pixels of the network's input, is no candidate. No value: boxes of any size.
  graph::Value min_box = {};
};

// K = min(pre_topk, all positions of all levels) candidates per image, best first. With a threshold
// fewer where no image has so many above it; an image that has fewer than another gets some below.
struct Candidates {
  graph::Value boxes;   // N x K x 4, in pixels of the network's input
  graph::Value scores;  // N x C x K, 0..1 or NaN: classes outside, as NonMaxSuppression wants them
  BoxFormat format = BoxFormat::kCorners;
};

// Ranks every position by its best class score (times objectness), keeps the `pre_topk` best of
// each image and decodes only those: no exponential and no gather ever touches the rest. Ties keep
// the order of positions.
// A box that is too small, or has an infinite or undefined number, has scores of 0; a score is NaN
// only where the head gave NaN as a logit.
Candidates SelectCandidates(const graph::DetectionHead& head, const CandidateSpec& spec);

}  // namespace yoloport::tasks::detect::nodes
