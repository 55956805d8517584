#include <numeric>

#include "graph/ops.h"
#include "tasks/detect/nodes/nms.h"

namespace yoloport::tasks::detect::nodes {

using graph::Value;
using tensor::DType;

namespace {

// `scores` with 0 for all classes but the first of the best: a box must not come out twice, even
// where it has no area and so suppresses nothing.
Value FirstBestClassOnly(Value scores) {
  graph::Graph& g = scores.graph();
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(scores.dim(1)));
  std::iota(numbers.begin(), numbers.end(), 0);
  const Value classes =
      graph::Reshape(graph::Int64s(g, std::move(numbers)), tensor::Shape{1, -1, 1});
  const Value known = graph::ThresholdedRelu(scores, 0);
  const Value is_best = graph::Equal(graph::ArgMax(known, 1, true), classes);
  return graph::Where(is_best, known, graph::ScalarLike(known, 0));
}

Value ScoresThatCount(Value scores, const contract::NmsPolicy& policy) {
  if (policy.class_agnostic) return FirstBestClassOnly(scores);
  return policy.multi_label ? scores : BestClassOnly(scores);
}

}  // namespace

Detections EfficientNms(const Candidates& candidates, const contract::NmsPolicy& policy) {
  graph::Graph& g = candidates.boxes.graph();
  const graph::NameScope scope(g, "nms");
  const Value scores = ScoresThatCount(candidates.scores, policy);
  std::map<std::string, graph::Attribute> attributes = {
      {"background_class", std::int64_t{-1}},
      {"box_coding", std::int64_t{candidates.format == BoxFormat::kCenterSize}},
      {"iou_threshold", static_cast<float>(policy.iou_threshold)},
      {"max_output_boxes", policy.keep_topk},
      {"plugin_version", std::string("1")},
      {"score_activation", std::int64_t{0}},
      {"score_threshold", static_cast<float>(policy.score_threshold)}};
  // Only where it is asked for: plugins before TensorRT 8.6 do not have it.
  if (policy.class_agnostic) attributes["class_agnostic"] = std::int64_t{1};
  const std::int64_t batch = candidates.boxes.dim(0);
  const std::int64_t keep = policy.keep_topk;
  const auto plugin = graph::CustomOp("TRT", "EfficientNMS_TRT",
                                      {candidates.boxes, graph::Transpose(scores, {0, 2, 1})},
                                      std::move(attributes),
                                      {{DType::kInt32, {batch, 1}},
                                       {DType::kFloat32, {batch, keep, 4}},
                                       {DType::kFloat32, {batch, keep}},
                                       {DType::kInt32, {batch, keep}}});
  // The plugin pads labels with 0, keeps scores that equal a threshold of 0, and below a threshold
  // of 0.007 fills up with scores below 0.
  const Value is_found = graph::Greater(plugin[2], graph::ScalarLike(plugin[2], 0));
  const auto found_or = [](Value condition, Value x, double padding) {
    return graph::Where(condition, x, graph::ScalarLike(x, padding));
  };
  Detections detections;
  const Value count = graph::ReduceSum(graph::Cast(is_found, DType::kFloat32), 1, true);
  detections.num_dets = graph::Cast(count, DType::kInt32);
  detections.boxes = found_or(graph::Reshape(is_found, tensor::Shape{0, -1, 1}), plugin[1], 0);
  detections.scores = found_or(is_found, plugin[2], 0);
  detections.labels = found_or(is_found, plugin[3], -1);
  return detections;
}

}  // namespace yoloport::tasks::detect::nodes
