#include <algorithm>
#include <cassert>

#include "graph/ops.h"
#include "tasks/detect/nodes/nms.h"

namespace yoloport::tasks::detect::nodes {

using graph::Value;
using tensor::DType;

Detections BatchedNms(const Candidates& candidates, const contract::NmsPolicy& policy) {
  assert(candidates.format == BoxFormat::kCorners && !policy.class_agnostic);
  graph::Graph& g = candidates.boxes.graph();
  const graph::NameScope scope(g, "nms");
  const Value scores = policy.multi_label ? candidates.scores : BestClassOnly(candidates.scores);
  // The plugin measures boxes in whole pixels, as Caffe did: from 3 to 5 are 3. So it is given
  // boxes that are a pixel shorter, and its IoU is that of the corners.
  const Value pixel = graph::Floats(g, {4}, {0, 0, 1, 1});
  const Value boxes = graph::Reshape(candidates.boxes - pixel, tensor::Shape{0, -1, 1, 4});
  const std::int64_t batch = candidates.boxes.dim(0);
  const std::int64_t keep = policy.keep_topk;
  const auto plugin =
      graph::CustomOp("TRT", "BatchedNMSDynamic_TRT", {boxes, graph::Transpose(scores, {0, 2, 1})},
                      {{"backgroundLabelId", std::int64_t{-1}},
                       {"caffeSemantics", std::int64_t{1}},
                       {"clipBoxes", std::int64_t{0}},
                       {"iouThreshold", static_cast<float>(policy.iou_threshold)},
                       {"isNormalized", std::int64_t{0}},
                       {"keepTopK", keep},
                       {"numClasses", scores.dim(1)},
                       {"plugin_version", std::string("1")},
                       {"scoreBits", std::int64_t{16}},
                       {"scoreThreshold", static_cast<float>(policy.score_threshold)},
                       {"shareLocation", std::int64_t{1}},
                       // Below keepTopK the plugin would leave its outputs unwritten.
                       {"topK", std::min(std::max(policy.pre_topk, keep), kLargestBatchedTopk)}},
                      {{DType::kInt32, {batch, 1}},
                       {DType::kFloat32, {batch, keep, 4}},
                       {DType::kFloat32, {batch, keep}},
                       {DType::kFloat32, {batch, keep}}});
  const Value is_found =
      graph::Cast(graph::Greater(plugin[2], graph::ScalarLike(plugin[2], 0)), DType::kFloat32);
  Detections detections;
  detections.num_dets = plugin[0];
  detections.boxes = plugin[1] + pixel * graph::Reshape(is_found, tensor::Shape{0, -1, 1});
  detections.scores = plugin[2];
  detections.labels = graph::Cast(plugin[3], DType::kInt32);
  return detections;
}

}  // namespace yoloport::tasks::detect::nodes
