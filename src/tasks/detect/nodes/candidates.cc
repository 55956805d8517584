#include "tasks/detect/nodes/candidates.h"

#include <limits>
#include <vector>

#include "graph/ops.h"
#include "tasks/detect/nodes/decode.h"

namespace yoloport::tasks::detect::nodes {
namespace {

using graph::HeadLayout;
using graph::HeadLevel;
using graph::kDynamic;
using graph::Value;
using tensor::Shape;

// Some positions of each image: what the head said there, the best score, and where they are.
// Classes, boxes and objectness lie as in the head.
struct Selection {
  Value best;        // N x K
  Value classes;     // logits
  Value boxes;       // 4 * bins each
  Value objectness;  // logits, or no value
  Value positions;   // N x K, int64
};

// `picked` (N x K), counted within an image, as places among the rows of all images.
Value AmongAllImages(Value picked, Value rows) {
  if (rows.dim(0) == 1) return picked;
  graph::Graph& g = rows.graph();
  const Value images =
      graph::Range(graph::Int64s(g, {0}), graph::Dim(rows, 0), graph::Int64s(g, {1}));
  const Value positions = graph::Dim(rows, 1);
  return picked + graph::Reshape(images, Shape{-1, 1}) * positions;
}

// The positions `picked` (N x K) of `rows` (N x P x columns).
Value TakeRows(Value rows, Value picked) {
  const Value all = graph::Reshape(rows, Shape{-1, rows.dim(2)});
  return graph::Gather(all, AmongAllImages(picked, rows), 0);
}

// The positions `picked` (N x K) of `columns` (N x rows x P).
Value TakeColumns(Value columns, Value picked, const CandidateSpec& spec) {
  if (columns.dim(0) == 1) return graph::Gather(columns, graph::Reshape(picked, Shape{-1}), 2);
  graph::Graph& g = columns.graph();
  const Value places = graph::Reshape(picked, Shape{0, 1, -1});
  if (!spec.plain_gather) {
    const Value each_row = graph::Int64s(g, {1, columns.dim(1), 1});
    return graph::GatherElements(columns, graph::Expand(places, each_row), 2);
  }
  const Value images = graph::Dim(columns, 0);
  const Value count = graph::Int64s(g, {columns.dim(1)});
  const Value numbers = graph::Range(graph::Int64s(g, {0}), images * count, graph::Int64s(g, {1}));
  const Value positions = graph::Dim(columns, 2);
  const Value begins = graph::Reshape(numbers, Shape{-1, columns.dim(1), 1}) * positions;
  const Value all_places = begins + places;
  return graph::Gather(graph::Reshape(columns, Shape{-1}), all_places, 0);
}

Selection Pick(const Selection& from, Value k, HeadLayout layout, const CandidateSpec& spec) {
  const auto [best, indices] = graph::TopK(from.best, k, 1);
  const auto pick = [&, &picked = indices](Value values) {
    return layout == HeadLayout::kPositionsFirst ? TakeRows(values, picked)
                                                 : TakeColumns(values, picked, spec);
  };
  Selection picked{best, pick(from.classes), pick(from.boxes), {}, indices};
  if (from.objectness) picked.objectness = pick(from.objectness);
  if (from.positions) {
    const Value positions = graph::Reshape(from.positions, Shape{0, 1, -1});
    picked.positions = graph::Reshape(TakeColumns(positions, indices, spec), Shape{0, -1});
  }
  return picked;
}

// 0, 1 .. P - 1 for each image: N x P.
Value AllPositions(Value best) {
  graph::Graph& g = best.graph();
  const Value count = graph::Dim(best, 1);
  const Value numbers = graph::Range(graph::Int64s(g, {0}), count, graph::Int64s(g, {1}));
  return graph::Expand(graph::Reshape(numbers, Shape{1, -1}),
                       graph::Concat({graph::Dim(best, 0), count}, 0));
}

// The greatest class logit of each position: N x P. In two steps where positions stand last and
// classes are many: ONNX Runtime spreads a reduction over cores by what stands before the reduced
// axis.
Value BestLogit(Value classes, HeadLayout layout) {
  if (layout == HeadLayout::kPositionsFirst) return graph::ReduceMax(classes, 2);
  constexpr std::int64_t kMostGroups = 8;
  const std::int64_t count = classes.dim(1);
  std::int64_t groups = count < 2 * kMostGroups ? 1 : kMostGroups;
  while (count % groups != 0) --groups;
  if (groups == 1) return graph::ReduceMax(classes, 1);
  const Value maxima =
      graph::ReduceMax(graph::Reshape(classes, Shape{-1, count / groups, 0}), 1, true);
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
  const Value above =
      graph::Cast(graph::Greater(best, spec.score_threshold), tensor::DType::kFloat32);
  Value count = graph::ReduceSum(above, 1);
  if (best.dim(0) != 1) count = graph::ReduceMax(count, 0, true);
  return graph::Cast(graph::Clip(count, 1, static_cast<float>(spec.pre_topk)),
                     tensor::DType::kInt64);
}

// The pre-topk best of one level, or all where there are no more; positions counted within the
// level.
Selection BestOfLevel(const HeadLevel& level, HeadLayout layout, const CandidateSpec& spec) {
  Value best = graph::Sigmoid(BestLogit(level.classes, layout));
  if (level.objectness)
    best = best * graph::Sigmoid(graph::Reshape(level.objectness, Shape{0, -1}));
  // What is no number ranks last: sorting it would scatter the others.
  best = graph::ThresholdedRelu(best, 0);
  Selection all{best, level.classes, level.boxes, level.objectness, {}};
  const std::int64_t count = best.dim(1);
  if (count == kDynamic || count > spec.pre_topk) {
    return Pick(all, KeptCount(best, spec), layout, spec);
  }
  all.positions = AllPositions(best);
  return all;
}

Selection Join(const std::vector<Selection>& parts, std::int64_t position_axis) {
  const auto join = [&](Value Selection::*member, std::int64_t axis) {
    std::vector<Value> values;
    for (const Selection& part : parts) values.push_back(part.*member);
    return graph::Concat(values, axis);
  };
  Selection joined{join(&Selection::best, 1),
                   join(&Selection::classes, position_axis),
                   join(&Selection::boxes, position_axis),
                   {},
                   join(&Selection::positions, 1)};
  if (parts.front().objectness) joined.objectness = join(&Selection::objectness, position_axis);
  return joined;
}

// 1 where all four numbers of a box are finite, else 0: N x K.
Value AreFinite(Value boxes) {
  const Value largest = graph::ScalarLike(boxes, std::numeric_limits<float>::max());
  const Value finite = graph::Greater(largest, graph::Abs(boxes));
  return graph::ReduceMin(graph::Cast(finite, boxes.dtype()), 2);
}

// 1 where a box is wider and higher than `min_box`, else 0: N x K.
Value AreLarge(Value boxes, BoxFormat format, Value min_box) {
  Value size = graph::Slice(boxes, 2, 2, 4);
  if (format == BoxFormat::kCorners) size = size - graph::Slice(boxes, 2, 0, 2);
  const Value larger = graph::Greater(size, graph::Reshape(min_box, Shape{-1, 1, 2}));
  return graph::ReduceMin(graph::Cast(larger, boxes.dtype()), 2);
}

// Scores of the classes, laid out as in the head; those of a box that does not count are 0.
// `counts`: 0 or 1 a box, N x K.
Value Scores(const Selection& chosen, Value counts, HeadLayout layout) {
  const bool first = layout == HeadLayout::kPositionsFirst;
  Value factor = graph::Reshape(counts, first ? Shape{0, -1, 1} : Shape{0, 1, -1});
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
    levels.push_back(BestOfLevel(level, head.layout, spec));
    levels.back().positions = levels.back().positions + offset;
    offset = offset + graph::Dim(level.classes, graph::PositionAxis(head.layout));
  }
  Selection chosen = Join(levels, graph::PositionAxis(head.layout));
  const std::int64_t count = chosen.best.dim(1);
  if (count == kDynamic || count > spec.pre_topk) {
    chosen = Pick(chosen, KeptCount(chosen.best, spec), head.layout, spec);
  }
  const auto turned = [](Value values) { return graph::Transpose(values, {0, 2, 1}); };
  const bool first = head.layout == HeadLayout::kPositionsFirst;
  const Value rows = first ? chosen.boxes : turned(chosen.boxes);
  const Value decoded = DecodeBoxes(head, rows, chosen.positions, spec.format);
  Value counts = AreFinite(decoded);
  const Value boxes = ClipToInput(head, decoded);
  if (spec.min_box) counts = counts * AreLarge(boxes, spec.format, spec.min_box);
  const Value scores = Scores(chosen, counts, head.layout);
  return {boxes, first ? turned(scores) : scores, spec.format};
}

}  // namespace yoloport::tasks::detect::nodes
