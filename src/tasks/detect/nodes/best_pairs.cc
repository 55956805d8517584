// What is left where no box suppresses another: networks that give one box an object.
#include <vector>

#include "contract/input_names.h"
#include "graph/ops.h"
#include "tasks/detect/nodes/nms.h"

namespace yoloport::tasks::detect::nodes {

using graph::Value;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

namespace {

// `rows` (N x K) counted within an image, as rows of all images, which have `count` each.
Value AmongAllImages(Value rows, Value count) {
  if (rows.dim(0) == 1) return rows;
  graph::Graph& g = rows.graph();
  const Value images =
      graph::Range(graph::Int64s(g, {0}), graph::Dim(rows, 0), graph::Int64s(g, {1}));
  return rows + graph::Reshape(images, Shape{-1, 1}) * count;
}

}  // namespace

Detections BestPairs(const Candidates& candidates, Value score_threshold,
                     const contract::NmsPolicy& policy, DType count_type) {
  graph::Graph& g = candidates.boxes.graph();
  const graph::NameScope scope(g, "nms");
  const bool is_single = policy.class_agnostic || !policy.multi_label;
  const Value scores = is_single ? BestClassOnly(candidates.scores) : candidates.scores;
  const Value keep =
      g.Constant(Tensor::Of<std::int64_t>({1}, {policy.keep_topk}), contract::kKeepConstant);

  // N x (C * K); what is no number is not greater, either.
  const Value pairs = graph::Reshape(scores, Shape{0, -1});
  const Value above =
      graph::Where(graph::Greater(pairs, score_threshold), pairs, graph::ScalarLike(pairs, 0));
  const Value images = graph::Dim(candidates.boxes, 0);
  const auto [best, places] =
      graph::TopK(graph::Concat({above, NoScores(images, keep)}, 1), keep, 1);
  const Value is_found = graph::Greater(best, graph::ScalarLike(best, 0));
  // Padding stands behind the last pair.
  const Value place = graph::Where(is_found, places, graph::ScalarLike(places, 0));
  const Value count = graph::Dim(scores, 2);
  const Value label = place / count;
  const Value row = AmongAllImages(place - label * count, count);
  const Value boxes = graph::Gather(graph::Reshape(candidates.boxes, Shape{-1, 4}), row, 0);

  Detections detections;
  const Value found = graph::ReduceSum(graph::Cast(is_found, DType::kFloat32), 1, true);
  detections.num_dets = graph::Cast(found, count_type);
  detections.boxes =
      graph::Where(graph::Reshape(is_found, Shape{0, -1, 1}), boxes, graph::ScalarLike(boxes, 0));
  detections.scores = best;
  detections.labels =
      graph::Cast(graph::Where(is_found, label, graph::ScalarLike(label, -1)), DType::kInt32);
  return detections;
}

}  // namespace yoloport::tasks::detect::nodes
