#include "postprocess/candidates.h"

#include <limits>
#include <vector>

#include "graph/ops.h"
#include "postprocess/decode.h"

namespace yoloport {
namespace {

using graph::HeadLevel;
using graph::kDynamic;
using graph::Value;

// Some positions of each image: what the head said there, the best score, and where they are.
struct Selection {
  Value best;        // N x K
  Value classes;     // N x C x K logits
  Value boxes;       // N x (4 * bins) x K
  Value objectness;  // N x 1 x K logits, or no value
  Value positions;   // N x K, int64
};

// The columns `picked` (N x K) of `rows` (N x R x P): N x R x K.
Value Columns(Value rows, Value picked, const CandidateSpec& spec) {
  if (rows.dim(0) == 1) return graph::Gather(rows, graph::Reshape(picked, Shape{-1}), 2);
  graph::Graph& g = rows.graph();
  const Value places = graph::Reshape(picked, Shape{0, 1, -1});
  if (!spec.plain_gather) {
    const Value each_row = graph::Int64s(g, {1, rows.dim(1), 1});
    return graph::GatherElements(rows, graph::Expand(places, each_row), 2);
  }
  const Value images = graph::Dim(rows, 0);
  const Value count = graph::Int64s(g, {rows.dim(1)});
  const Value numbers = graph::Range(graph::Int64s(g, {0}), images * count, graph::Int64s(g, {1}));
  const Value begins = graph::Reshape(numbers, Shape{-1, rows.dim(1), 1}) * graph::Dim(rows, 2);
  return graph::Gather(graph::Reshape(rows, Shape{-1}), begins + places, 0);
}

Selection Pick(const Selection& from, Value k, const CandidateSpec& spec) {
  const auto [best, indices] = graph::TopK(from.best, k, 1);
  const auto pick = [&, &places = indices](Value rows) { return Columns(rows, places, spec); };
  Selection picked{best, pick(from.classes), pick(from.boxes), {}, indices};
  if (from.objectness) picked.objectness = pick(from.objectness);
  if (from.positions) {
    const Value positions = graph::Reshape(from.positions, Shape{0, 1, -1});
    picked.positions = graph::Reshape(pick(positions), Shape{0, -1});
  }
  return picked;
}

// 0, 1 .. P - 1 for each image: N x P.
Value AllPositions(Value classes) {
  graph::Graph& g = classes.graph();
  const Value count = graph::Dim(classes, 2);
  const Value numbers = graph::Range(graph::Int64s(g, {0}), count, graph::Int64s(g, {1}));
  return graph::Expand(graph::Reshape(numbers, Shape{1, -1}),
                       graph::Concat({graph::Dim(classes, 0), count}, 0));
}

// The greatest number of each column of `rows` (N x R x P): N x P. In two steps where rows are
// many: ONNX Runtime spreads a reduction over cores by what stands before the reduced axis.
Value ColumnMax(Value rows) {
  constexpr std::int64_t kMostGroups = 8;
  const std::int64_t count = rows.dim(1);
  std::int64_t groups = count < 2 * kMostGroups ? 1 : kMostGroups;
  while (count % groups != 0) --groups;
  if (groups == 1) return graph::ReduceMax(rows, 1);
  const Value maxima =
      graph::ReduceMax(graph::Reshape(rows, Shape{-1, count / groups, 0}), 1, true);
  return graph::ReduceMax(graph::Reshape(maxima, Shape{-1, groups, 0}), 1);
}

// How many of `best` (N x P) are to be kept of each image: pre-topk at most, and no more than the
// image with most candidates has above the threshold - but one at least, for NMS wants some.
// int64, 1.
Value KeptCount(Value best, const CandidateSpec& spec) {
  graph::Graph& g = best.graph();
  if (!spec.score_threshold) {
    return graph::Min(graph::Dim(best, 1), graph::Int64s(g, {spec.pre_topk}));
  }
  const Value above = graph::Cast(graph::Greater(best, spec.score_threshold), DType::kFloat32);
  Value count = graph::ReduceSum(above, 1);
  if (best.dim(0) != 1) count = graph::ReduceMax(count, 0, true);
  return graph::Cast(graph::Clip(count, 1, static_cast<float>(spec.pre_topk)), DType::kInt64);
}

// The pre-topk best of one level, or all where there are no more; positions counted within the
// level.
Selection BestOfLevel(const HeadLevel& level, const CandidateSpec& spec) {
  Value best = graph::Sigmoid(ColumnMax(level.classes));
  if (level.objectness)
    best = best * graph::Sigmoid(graph::Reshape(level.objectness, Shape{0, -1}));
  // What is no number ranks last: sorting it would scatter the others.
  best = graph::ThresholdedRelu(best, 0);
  Selection all{best, level.classes, level.boxes, level.objectness, {}};
  const std::int64_t count = level.classes.dim(2);
  if (count == kDynamic || count > spec.pre_topk) {
    return Pick(all, KeptCount(best, spec), spec);
  }
  all.positions = AllPositions(level.classes);
  return all;
}

Selection Join(const std::vector<Selection>& parts) {
  const auto join = [&](Value Selection::*member, std::int64_t axis) {
    std::vector<Value> values;
    for (const Selection& part : parts) values.push_back(part.*member);
    return graph::Concat(values, axis);
  };
  Selection joined{join(&Selection::best, 1),
                   join(&Selection::classes, 2),
                   join(&Selection::boxes, 2),
                   {},
                   join(&Selection::positions, 1)};
  if (parts.front().objectness) joined.objectness = join(&Selection::objectness, 2);
  return joined;
}

// 1 where all four numbers of a box are finite, else 0: N x K.
Value AreFinite(Value boxes) {
  const Value largest = graph::ScalarLike(boxes, std::numeric_limits<float>::max());
  const Value finite = graph::Greater(largest, graph::Abs(boxes));
  return graph::ReduceMin(graph::Cast(finite, boxes.dtype()), 2);
}

// Scores of the classes, N x C x K; those of a box that is no box are 0.
Value Scores(const Selection& chosen, Value boxes) {
  Value factor = graph::Reshape(AreFinite(boxes), Shape{0, 1, -1});
  if (chosen.objectness) factor = factor * graph::Sigmoid(chosen.objectness);
  return graph::Sigmoid(chosen.classes) * factor;
}

}  // namespace

Candidates SelectCandidates(const graph::DetectionHead& head, const CandidateSpec& spec) {
  graph::Graph& g = head.levels.front().classes.graph();
  const graph::NameScope scope(g, "postprocess");
  std::vector<Selection> levels;
  Value offset = graph::Int64s(g, {0});
  for (const HeadLevel& level : head.levels) {
    levels.push_back(BestOfLevel(level, spec));
    levels.back().positions = levels.back().positions + offset;
    offset = offset + graph::Dim(level.classes, 2);
  }
  Selection chosen = Join(levels);
  const std::int64_t count = chosen.best.dim(1);
  if (count == kDynamic || count > spec.pre_topk) {
    chosen = Pick(chosen, KeptCount(chosen.best, spec), spec);
  }
  const Value boxes = DecodeBoxes(head, chosen.boxes, chosen.positions, spec.format);
  return {boxes, Scores(chosen, boxes), spec.format};
}

}  // namespace yoloport
