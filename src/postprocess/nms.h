// Non-maximum suppression as graph nodes, with yoloport's contract (docs/nms.md): what every
// backend that post-processes gives.
#pragma once

#include <cstdint>

#include "graph/graph.h"
#include "postprocess/candidates.h"

namespace yoloport {

// The operator that suppresses.
enum class NmsOperator {
  kOnnx,       // ONNX's own NonMaxSuppression
  kEfficient,  // TensorRT's plugin EfficientNMS_TRT
  kBatched,    // TensorRT's plugin BatchedNMSDynamic_TRT
};

struct NmsOptions {
  double score_threshold = 0.25;  // a detection's score is greater
  double iou_threshold = 0.65;    // boxes that overlap a better one by more are dropped
  std::int64_t keep_topk = 100;   // detections per image, over all classes
  bool class_agnostic = false;    // classes suppress each other
  bool multi_label = true;        // else only the best class of an anchor counts
  // The thresholds and class_agnostic become optional inputs of the graph, with the values above
  // where the caller leaves them out: see graph/nms_names.h.
  bool runtime_thresholds = false;
  // Boxes that are not wider and higher are left out before suppression; below 0: none are. Pixels
  // of the network's input or, with `min_box_input`, an optional input of the graph, N x 2, for
  // callers that know how the images were scaled.
  double min_box_size = -1;
  bool min_box_input = false;
};

// The best `keep_topk` detections of each image in falling score order; rows past num_dets hold
// zeros and label -1.
struct Detections {
  graph::Value num_dets;  // N x 1; int64, or int32 from the TensorRT plugins
  graph::Value boxes;     // N x keep_topk x 4: x1 y1 x2 y2
  graph::Value scores;    // N x keep_topk
  graph::Value labels;    // N x keep_topk, int32
};

// From a head to detections. kBatched has no way of suppressing across classes: `class_agnostic`
// must be off. keep_topk must not be above LargestKeepTopk().
Detections PostProcess(const graph::DetectionHead& head, NmsOperator nms, std::int64_t pre_topk,
                       const NmsOptions& options);

std::int64_t LargestKeepTopk(NmsOperator nms);

// --- the operators, one file each; all but EfficientNms take corners ---

inline constexpr std::int64_t kLargestEfficientTopk = 4096;
inline constexpr std::int64_t kLargestBatchedTopk = 4096;

// float32, 1: a constant, or an optional input where thresholds are given at run time.
graph::Value ScoreThreshold(graph::Graph& graph, const NmsOptions& options);
Detections OnnxNms(const Candidates& candidates, graph::Value score_threshold,
                   const NmsOptions& options);
Detections EfficientNms(const Candidates& candidates, const NmsOptions& options);
// At most kLargestBatchedTopk of the `pre_topk` candidates enter for each class.
Detections BatchedNms(const Candidates& candidates, std::int64_t pre_topk,
                      const NmsOptions& options);

// `scores` (N x C x K) with 0 for every class of a candidate but its best - or several, should they
// be exactly equal - and for what is no number.
graph::Value BestClassOnly(graph::Value scores);

}  // namespace yoloport
