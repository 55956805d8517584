#include "postprocess/candidates.h"

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
Value Columns(Value rows, Value picked) {
  graph::Graph& g = rows.graph();
  const Value shape = graph::Concat(
      {graph::Dim(picked, 0), graph::Int64s(g, {rows.dim(1)}), graph::Dim(picked, 1)}, 0);
  return graph::GatherElements(rows, graph::Expand(graph::Reshape(picked, Shape{0, 1, -1}), shape),
                               2);
}

Selection Pick(const Selection& from, Value k) {
  const auto [best, indices] = graph::TopK(from.best, k, 1);
  Selection picked{best, Columns(from.classes, indices), Columns(from.boxes, indices), {}, indices};
  if (from.objectness) picked.objectness = Columns(from.objectness, indices);
  if (from.positions) picked.positions = graph::GatherElements(from.positions, indices, 1);
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

// The `pre_topk` best of one level, or all where there are no more; positions counted within the
// level.
Selection BestOfLevel(const HeadLevel& level, std::int64_t pre_topk) {
  graph::Graph& g = level.classes.graph();
  Value best = graph::Sigmoid(graph::ReduceMax(level.classes, 1));
  if (level.objectness)
    best = best * graph::Sigmoid(graph::Reshape(level.objectness, Shape{0, -1}));
  Selection all{best, level.classes, level.boxes, level.objectness, {}};
  const std::int64_t count = level.classes.dim(2);
  if (count == kDynamic || count > pre_topk) {
    return Pick(all, graph::Min(graph::Dim(level.classes, 2), graph::Int64s(g, {pre_topk})));
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

}  // namespace

Candidates SelectCandidates(const graph::DetectionHead& head, std::int64_t pre_topk) {
  graph::Graph& g = head.levels.front().classes.graph();
  const graph::NameScope scope(g, "postprocess");
  std::vector<Selection> levels;
  Value offset = graph::Int64s(g, {0});
  for (const HeadLevel& level : head.levels) {
    levels.push_back(BestOfLevel(level, pre_topk));
    levels.back().positions = levels.back().positions + offset;
    offset = offset + graph::Dim(level.classes, 2);
  }
  Selection chosen = Join(levels);
  const std::int64_t count = chosen.best.dim(1);
  if (count == kDynamic || count > pre_topk) {
    chosen = Pick(chosen, graph::Min(graph::Dim(chosen.best, 1), graph::Int64s(g, {pre_topk})));
  }
  Value scores = graph::Sigmoid(chosen.classes);
  if (chosen.objectness) scores = scores * graph::Sigmoid(chosen.objectness);
  return {DecodeBoxes(head, chosen.boxes, chosen.positions), scores};
}

}  // namespace yoloport
