#include "graph/ops.h"
#include "postprocess/nms.h"

namespace yoloport {
namespace {

using graph::Value;

// What the suppression left, over all images: M rows, M known only when run.
struct Selected {
  Value image;   // M, int64
  Value scores;  // M
  Value boxes;   // M x 4
  Value labels;  // M, int64
};

Value Column(Value rows, std::int64_t column) {
  return graph::Reshape(graph::Slice(rows, 1, column, column + 1), Shape{-1});
}

Selected Suppress(const Candidates& candidates, const NmsOptions& options) {
  graph::Graph& g = candidates.boxes.graph();
  Value scores = candidates.scores;
  Value best_class;
  if (options.class_agnostic) {
    scores = graph::ThresholdedRelu(scores, 0);  // a maximum of NaN could be anything
    best_class = graph::Reshape(graph::ArgMax(scores, 1), Shape{-1});
    scores = graph::ReduceMax(scores, 1, true);
  } else if (!options.multi_label) {
    scores = BestClassOnly(scores);
  }
  const Value indices = graph::NonMaxSuppression(
      candidates.boxes, scores, graph::Int64s(g, {options.keep_topk}),
      graph::Floats(g, {1}, {static_cast<float>(options.iou_threshold)}),
      graph::Floats(g, {1}, {static_cast<float>(options.score_threshold)}));
  const Value image = Column(indices, 0);
  const Value label = Column(indices, 1);
  const Value box = Column(indices, 2);
  const Value box_count = graph::Dim(scores, 2);
  // Positions in the flattened boxes and scores. With one image its number, always 0, adds nothing.
  const bool one_image = candidates.boxes.dim(0) == 1;
  const Value box_row = one_image ? box : image * box_count + box;
  const Value class_row = one_image ? label : image * graph::Dim(scores, 1) + label;
  const Value score_row = class_row * box_count + box;
  return {image, graph::Gather(graph::Reshape(scores, Shape{-1}), score_row, 0),
          graph::Gather(graph::Reshape(candidates.boxes, Shape{-1, 4}), box_row, 0),
          options.class_agnostic ? graph::Gather(best_class, box_row, 0) : label};
}

// N x M: each image's row holds its own scores, and -1 where the selected box is another image's.
Value ScoresByImage(const Selected& selected, Value images) {
  graph::Graph& g = images.graph();
  const Value row = graph::Reshape(selected.scores, Shape{1, -1});
  if (images.constant() && images.constant()->values<std::int64_t>()[0] == 1) return row;
  const Value numbers = graph::Range(graph::Int64s(g, {0}), images, graph::Int64s(g, {1}));
  const Value own = graph::Equal(graph::Reshape(selected.image, Shape{1, -1}),
                                 graph::Reshape(numbers, Shape{-1, 1}));
  return graph::Where(own, row, graph::Floats(g, {}, {-1}));
}

}  // namespace

Detections OnnxNms(const Candidates& candidates, const NmsOptions& options) {
  graph::Graph& g = candidates.boxes.graph();
  const graph::NameScope scope(g, "nms");
  const Selected selected = Suppress(candidates, options);
  const Value images = graph::Dim(candidates.boxes, 0);
  const std::int64_t keep = options.keep_topk;

  // keep_topk rows of padding for each image: TopK then always finds enough, and prefers a padding
  // row (score 0) to another image's box (-1).
  const Value padding = graph::Expand(graph::Floats(g, {1, 1}, {0}),
                                      graph::Concat({images, graph::Int64s(g, {keep})}, 0));
  const Value scores = graph::Concat({ScoresByImage(selected, images), padding}, 1);
  const auto [best, rows] = graph::TopK(scores, graph::Int64s(g, {keep}), 1);

  const Value no_boxes =
      graph::Floats(g, {keep, 4}, std::vector<float>(static_cast<std::size_t>(4 * keep), 0));
  const Value no_labels =
      graph::Int64s(g, std::vector<std::int64_t>(static_cast<std::size_t>(keep), -1));
  Detections detections;
  detections.boxes = graph::Gather(graph::Concat({selected.boxes, no_boxes}, 0), rows, 0);
  detections.labels = graph::Cast(
      graph::Gather(graph::Concat({selected.labels, no_labels}, 0), rows, 0), DType::kInt32);
  detections.scores = best;
  detections.num_dets = graph::ReduceSum(
      graph::Cast(graph::Greater(best, graph::ScalarLike(best, 0)), DType::kInt64), 1, true);
  return detections;
}

}  // namespace yoloport
