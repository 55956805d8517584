#include "postprocess/nms.h"

#include <limits>

#include "graph/ops.h"

namespace yoloport {

using graph::Value;

Detections PostProcess(const graph::DetectionHead& head, NmsOperator nms, std::int64_t pre_topk,
                       const NmsOptions& options) {
  switch (nms) {
    case NmsOperator::kEfficient:
      return EfficientNms(
          SelectCandidates(head, {.pre_topk = pre_topk, .format = NativeFormat(head)}), options);
    case NmsOperator::kBatched:
      return BatchedNms(SelectCandidates(head, {.pre_topk = pre_topk, .plain_gather = true}),
                        pre_topk, options);
    case NmsOperator::kOnnx:
      break;
  }
  const Value threshold = ScoreThreshold(head.levels.front().classes.graph(), options);
  return OnnxNms(SelectCandidates(head, {.pre_topk = pre_topk, .score_threshold = threshold}),
                 threshold, options);
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

}  // namespace yoloport
