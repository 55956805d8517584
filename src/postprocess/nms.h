// Non-maximum suppression as graph nodes, with yoloport's contract (docs/nms.md): what every
// backend that post-processes gives.
#pragma once

#include <cstdint>

#include "graph/graph.h"
#include "postprocess/candidates.h"

namespace yoloport {

struct NmsOptions {
  double score_threshold = 0.25;  // a detection's score is greater
  double iou_threshold = 0.65;    // boxes that overlap a better one by more are dropped
  std::int64_t keep_topk = 100;   // detections per image, over all classes
  bool class_agnostic = false;    // classes suppress each other
  bool multi_label = true;        // else only the best class of an anchor counts
  // The thresholds and class_agnostic become optional inputs of the graph, with the values above
  // where the caller leaves them out: see graph/nms_names.h.
  bool runtime_thresholds = false;
};

// The best `keep_topk` detections of each image in falling score order; rows past num_dets hold
// zeros and label -1.
struct Detections {
  graph::Value num_dets;  // N x 1, int64
  graph::Value boxes;     // N x keep_topk x 4
  graph::Value scores;    // N x keep_topk
  graph::Value labels;    // N x keep_topk, int32
};

// With ONNX's own NonMaxSuppression: onnxruntime and openvino.
Detections OnnxNms(const Candidates& candidates, const NmsOptions& options);

}  // namespace yoloport
