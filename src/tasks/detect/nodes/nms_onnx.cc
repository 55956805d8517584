#include "contract/input_names.h"
#include "graph/ops.h"
#include "tasks/detect/nodes/nms.h"

namespace yoloport::tasks::detect::nodes {
namespace {

using graph::Value;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

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

// What can be changed after the graph was built: constants with names, or inputs.
struct Controls {
  Value score;           // 1
  Value iou;             // 1
  Value keep;            // 1, int64
  Value class_agnostic;  // 1, bool; no value where it is decided
};

Value Threshold(graph::Graph& g, const NmsInputs& inputs, const char* input, const char* constant,
                double value) {
  const Tensor tensor = Tensor::Of<float>({1}, {static_cast<float>(value)});
  return inputs.thresholds ? g.OptionalInput(input, tensor) : g.Constant(tensor, constant);
}

Controls MakeControls(graph::Graph& g, Value score_threshold, const contract::NmsPolicy& policy,
                      const NmsInputs& inputs) {
  Controls controls;
  controls.score = score_threshold;
  controls.iou =
      Threshold(g, inputs, contract::kIouInput, contract::kIouConstant, policy.iou_threshold);
  controls.keep =
      g.Constant(Tensor::Of<std::int64_t>({1}, {policy.keep_topk}), contract::kKeepConstant);
  if (inputs.thresholds) {
    const Tensor flag = Tensor::Of<std::uint8_t>({1}, {policy.class_agnostic});
    controls.class_agnostic = g.OptionalInput(contract::kClassAgnosticInput, flag.To(DType::kBool));
  }
  return controls;
}

// N x C x K: the best score of each candidate in the row of class 0, and 0, which is no detection,
// in the others.
Value BestInFirstRow(Value scores) {
  const std::int64_t classes = scores.dim(1);
  std::vector<float> first(static_cast<std::size_t>(classes), 0);
  first.front() = 1;
  return graph::ReduceMax(scores, 1, true) *
         graph::Floats(scores.graph(), {classes, 1}, std::move(first));
}

// The scores that enter suppression. Where classes suppress each other there is one row a
// candidate, of its best class, which `best_class` (N * K) then tells.
struct Entrants {
  Value scores;  // N x C x K, or N x 1 x K
  Value best_class;
};

Entrants Enter(const Candidates& candidates, const Controls& controls,
               const contract::NmsPolicy& policy) {
  Value scores = candidates.scores;
  // A maximum of NaN could be anything.
  const auto numbers = [&] { return graph::ThresholdedRelu(candidates.scores, 0); };
  const auto best_class = [&](Value of) { return graph::Reshape(graph::ArgMax(of, 1), Shape{-1}); };
  if (policy.class_agnostic && !controls.class_agnostic) {
    const Value known = numbers();
    return {graph::ReduceMax(known, 1, true), best_class(known)};
  }
  if (!policy.multi_label) scores = BestClassOnly(scores);
  if (!controls.class_agnostic) return {scores, {}};
  const Value known = numbers();
  return {graph::Where(controls.class_agnostic, BestInFirstRow(known), scores), best_class(known)};
}

Selected Suppress(const Candidates& candidates, const Controls& controls,
                  const contract::NmsPolicy& policy) {
  const auto [scores, best_class] = Enter(candidates, controls, policy);
  const Value indices = graph::NonMaxSuppression(candidates.boxes, scores, controls.keep,
                                                 controls.iou, controls.score);
  const Value image = Column(indices, 0);
  const Value label = Column(indices, 1);
  const Value box = Column(indices, 2);
  const Value box_count = graph::Dim(scores, 2);
  // Positions in the flattened boxes and scores. With one image its number, always 0, adds nothing.
  const bool one_image = candidates.boxes.dim(0) == 1;
  const Value box_row = one_image ? box : image * box_count + box;
  const Value class_row = one_image ? label : image * graph::Dim(scores, 1) + label;
  const Value score_row = class_row * box_count + box;
  Value labels = label;
  if (best_class) labels = graph::Gather(best_class, box_row, 0);
  if (controls.class_agnostic) labels = graph::Where(controls.class_agnostic, labels, label);
  return {image, graph::Gather(graph::Reshape(scores, Shape{-1}), score_row, 0),
          graph::Gather(graph::Reshape(candidates.boxes, Shape{-1, 4}), box_row, 0), labels};
}

// N x M: each image's row holds its own scores, and -1 where the selected box is another image's.
Value ScoresByImage(const Selected& selected, Value images) {
  graph::Graph& g = images.graph();
  const Value row = graph::Reshape(selected.scores, Shape{1, -1});
  if (images.constant() && images.constant()->values<std::int64_t>()[0] == 1) return row;
  const Value numbers = graph::Range(graph::Int64s(g, {0}), images, graph::Int64s(g, {1}));
  const Value column = graph::Reshape(numbers, Shape{-1, 1});
  const Value own = graph::Equal(graph::Reshape(selected.image, Shape{1, -1}), column);
  return graph::Where(own, row, graph::Floats(g, {}, {-1}));
}

}  // namespace

Value NoScores(Value images, Value keep) {
  graph::Graph& g = images.graph();
  if (!images.constant()) {
    return graph::Expand(graph::Floats(g, {1, 1}, {0}), graph::Concat({images, keep}, 0));
  }
  const Shape shape = {images.constant()->values<std::int64_t>()[0],
                       keep.constant()->values<std::int64_t>()[0]};
  std::vector<float> zeros(static_cast<std::size_t>(tensor::ElementCount(shape)), 0);
  return g.Constant(Tensor::Of<float>(shape, std::move(zeros)), contract::kNoScoresConstant);
}

Value ScoreThreshold(graph::Graph& graph, const contract::NmsPolicy& policy,
                     const NmsInputs& inputs) {
  return Threshold(graph, inputs, contract::kScoreInput, contract::kScoreConstant,
                   policy.score_threshold);
}

Detections OnnxNms(const Candidates& candidates, Value score_threshold,
                   const contract::NmsPolicy& policy, const NmsInputs& inputs) {
  graph::Graph& g = candidates.boxes.graph();
  const graph::NameScope scope(g, "nms");
  const Controls controls = MakeControls(g, score_threshold, policy, inputs);
  const Selected selected = Suppress(candidates, controls, policy);
  const std::int64_t keep = policy.keep_topk;
  const auto cells = static_cast<std::size_t>(keep);

  const Value images = graph::Dim(candidates.boxes, 0);
  const Value scores =
      graph::Concat({ScoresByImage(selected, images), NoScores(images, controls.keep)}, 1);
  const auto [best, rows] = graph::TopK(scores, controls.keep, 1);

  const Value no_boxes = g.Constant(Tensor::Of<float>({keep, 4}, std::vector<float>(4 * cells, 0)),
                                    contract::kNoBoxesConstant);
  const Value no_labels =
      g.Constant(Tensor::Of<std::int64_t>({keep}, std::vector<std::int64_t>(cells, -1)),
                 contract::kNoLabelsConstant);
  Detections detections;
  detections.boxes = graph::Gather(graph::Concat({selected.boxes, no_boxes}, 0), rows, 0);
  detections.labels = graph::Cast(
      graph::Gather(graph::Concat({selected.labels, no_labels}, 0), rows, 0), DType::kInt32);
  detections.scores = best;
  detections.num_dets = graph::ReduceSum(
      graph::Cast(graph::Greater(best, graph::ScalarLike(best, 0)), DType::kInt64), 1, true);
  return detections;
}

}  // namespace yoloport::tasks::detect::nodes
