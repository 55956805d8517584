#include "tasks/detect/nodes/nms.h"

#include <limits>

#include "contract/input_names.h"
#include "graph/ops.h"
#include "yoloport/limits.h"

namespace yoloport::tasks::detect::nodes {

using graph::Value;

namespace {

// CandidateSpec::min_box.
Value MinBox(const graph::DetectionHead& head, const contract::NmsPolicy& policy,
             const NmsInputs& inputs) {
  if (policy.min_box_size < 0) return {};
  graph::Graph& g = head.levels.front().classes.graph();
  const auto size = static_cast<float>(policy.min_box_size);
  if (!inputs.min_box) return graph::Floats(g, {1, 2}, {size, size});
  // Runtimes want inputs that have a value to have a fixed shape.
  const Value classes = head.levels.front().classes;
  const bool is_dynamic = classes.dim(0) == graph::kDynamic;
  const std::int64_t rows = is_dynamic ? kLargestBatch : classes.dim(0);
  const Value sizes =
      g.OptionalInput(contract::kMinBoxInput,
                      tensor::Tensor::Of<float>(
                          {rows, 2}, std::vector<float>(static_cast<std::size_t>(2 * rows), size)));
  if (!is_dynamic) return sizes;
  const Value images =
      graph::Range(graph::Int64s(g, {0}), graph::Dim(classes, 0), graph::Int64s(g, {1}));
  return graph::Gather(sizes, images, 0);
}

}  // namespace

Detections PostProcess(const graph::DetectionHead& head, NmsOperator nms,
                       const contract::NmsPolicy& policy, const NmsInputs& inputs) {
  graph::Graph& graph = head.levels.front().classes.graph();
  CandidateSpec spec{.pre_topk = policy.pre_topk, .min_box = MinBox(head, policy, inputs)};
  if (head.spec.one_to_one && !inputs.thresholds) {
    const Value threshold = ScoreThreshold(graph, policy, inputs);
    const bool is_onnx = nms == NmsOperator::kOnnx;
    if (is_onnx) spec.score_threshold = threshold;
    spec.plain_gather = nms == NmsOperator::kBatched;
    return BestPairs(SelectCandidates(head, spec), threshold, policy,
                     is_onnx ? tensor::DType::kInt64 : tensor::DType::kInt32);
  }
  switch (nms) {
    case NmsOperator::kEfficient:
      spec.format = NativeFormat(head);
      return EfficientNms(SelectCandidates(head, spec), policy);
    case NmsOperator::kBatched:
      spec.plain_gather = true;
      return BatchedNms(SelectCandidates(head, spec), policy);
    case NmsOperator::kOnnx:
      break;
  }
  spec.score_threshold = ScoreThreshold(graph, policy, inputs);
  return OnnxNms(SelectCandidates(head, spec), spec.score_threshold, policy, inputs);
}

std::int64_t LargestKeepTopk(NmsOperator nms) {
  switch (nms) {
    case NmsOperator::kEfficient:
      return kLargestEfficientTopk;
    case NmsOperator::kBatched:
      return kLargestBatchedTopk;
    case NmsOperator::kOnnx:
      break;
  }
  return std::numeric_limits<std::int64_t>::max();
}

Value BestClassOnly(Value scores) {
  const Value numbers = graph::ThresholdedRelu(scores, 0);
  const Value is_best = graph::Equal(numbers, graph::ReduceMax(numbers, 1, true));
  return graph::Where(is_best, numbers, graph::ScalarLike(numbers, 0));
}

}  // namespace yoloport::tasks::detect::nodes
