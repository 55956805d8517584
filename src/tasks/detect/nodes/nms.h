// Non-maximum suppression as graph nodes, with yoloport's contract (docs/nms.md): what every
// backend that post-processes gives.
#pragma once

#include <cstdint>

#include "contract/nms_policy.h"
#include "graph/graph.h"
#include "tasks/detect/nodes/candidates.h"

namespace yoloport::tasks::detect::nodes {

// The operator that suppresses.
enum class NmsOperator {
  kOnnx,       // ONNX's own NonMaxSuppression
  kEfficient,  // TensorRT's plugin EfficientNMS_TRT
  kBatched,    // TensorRT's plugin BatchedNMSDynamic_TRT
};

// What of the policy the caller of a graph may give, as optional inputs (contract/input_names.h)
// whose defaults are the policy's: for ONNX's own NonMaxSuppression only.
struct NmsInputs {
  bool thresholds = false;  // score and IoU threshold, class_agnostic
  // The least size of boxes, N x 2, for callers that know how the images were scaled; where the
  // policy has one.
  bool min_box = false;
};

// The best `keep_topk` detections of each image in falling score order; rows past num_dets hold
// zeros and label -1.
struct Detections {
  graph::Value num_dets;  // N x 1; int64, or int32 from the TensorRT plugins
  graph::Value boxes;     // N x keep_topk x 4: x1 y1 x2 y2
  graph::Value scores;    // N x keep_topk
  graph::Value labels;    // N x keep_topk, int32
};

// From a head to detections. Where the head gives one box an object the graph has no operator that
// suppresses, whatever `nms`, unless thresholds are inputs. kBatched has no way of
// suppressing across classes: `class_agnostic` must be off. keep_topk must not be above
// LargestKeepTopk().
Detections PostProcess(const graph::DetectionHead& head, NmsOperator nms,
                       const contract::NmsPolicy& policy, const NmsInputs& inputs = {});

std::int64_t LargestKeepTopk(NmsOperator nms);

// --- the operators, one file each; all but EfficientNms take corners ---

inline constexpr std::int64_t kLargestEfficientTopk = 4096;
inline constexpr std::int64_t kLargestBatchedTopk = 4096;

// float32, 1: a constant, or an optional input where thresholds are given at run time.
graph::Value ScoreThreshold(graph::Graph& graph, const contract::NmsPolicy& policy,
                            const NmsInputs& inputs);
Detections OnnxNms(const Candidates& candidates, graph::Value score_threshold,
                   const contract::NmsPolicy& policy, const NmsInputs& inputs);
Detections EfficientNms(const Candidates& candidates, const contract::NmsPolicy& policy);
// At most kLargestBatchedTopk of the pre_topk candidates enter for each class.
Detections BatchedNms(const Candidates& candidates, const contract::NmsPolicy& policy);

// The best pairs of box and class, without suppression.
Detections BestPairs(const Candidates& candidates, graph::Value score_threshold,
                     const contract::NmsPolicy& policy, tensor::DType count_type);

// A row of `keep` zeros for each image: a TopK behind them always finds enough, and prefers these
// to what is below 0.
graph::Value NoScores(graph::Value images, graph::Value keep);

// `scores` (N x C x K) with 0 for every class of a candidate but its best - or several, should they
// be exactly equal - and for what is no number.
graph::Value BestClassOnly(graph::Value scores);

}  // namespace yoloport::tasks::detect::nodes
