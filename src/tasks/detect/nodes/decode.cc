#include "tasks/detect/nodes/decode.h"

#include <algorithm>
#include <numeric>

#include "graph/ops.h"

namespace yoloport::tasks::detect::nodes {
namespace {

using contract::BoxCoding;
using contract::LevelSpec;
using graph::DetectionHead;
using graph::HeadLevel;
using graph::Value;
using tensor::DType;
using tensor::Shape;

std::size_t AnchorCount(const DetectionHead& head) {
  return std::max<std::size_t>(1, head.spec.levels.front().anchors.size());
}

// For each position the number of its block: how many of the blocks 1, 2 .. begin at or before it.
Value BlockOf(Value begins, Value positions) {
  const std::int64_t count = begins.dim(0);
  graph::Graph& g = positions.graph();
  if (count == 1) return graph::Sub(positions, positions);
  const Value later = graph::Slice(begins, 0, 1, count);
  const Value column = graph::Reshape(positions, Shape{0, -1, 1});
  const Value reached = graph::Greater(column, later - graph::Int64s(g, {1}));
  // Summed as floats, since TensorRT reduces no integers.
  return graph::Cast(graph::ReduceSum(graph::Cast(reached, DType::kFloat32), 2), DType::kInt64);
}

// Of each position (N x K) its cell's column and row, N x K x 2, and the number of its prior: that
// of the level times the anchors of a cell, plus that of the anchor. N x K, int64.
struct Place {
  Value grid;
  Value prior;
};

// Positions come in blocks of H x W cells: one an anchor of a level or, where positions stand
// first, one a level, which holds the anchors of a cell one after the other.
Place PlaceOf(const DetectionHead& head, Value positions) {
  graph::Graph& g = positions.graph();
  const bool first = head.layout == graph::HeadLayout::kPositionsFirst;
  const std::size_t anchors = AnchorCount(head);
  const std::size_t anchors_of_block = first ? anchors : 1;
  std::vector<Value> begins;
  std::vector<Value> widths;
  Value next = graph::Int64s(g, {0});
  for (const HeadLevel& level : head.levels) {
    const Value width = graph::Dim(level.feature, 3);
    const Value cells = graph::Dim(level.feature, 2) * width;
    for (std::size_t i = 0; i < anchors; i += anchors_of_block) {
      begins.push_back(next);
      widths.push_back(width);
      next = next + cells * static_cast<double>(anchors_of_block);
    }
  }
  const Value begin = graph::Concat(begins, 0);
  const Value block = BlockOf(begin, positions);
  const Value width = graph::Gather(graph::Concat(widths, 0), block, 0);
  Value cell = positions - graph::Gather(begin, block, 0);
  Value prior = block;
  // TensorRT has no Mod before 8.6.
  if (anchors_of_block > 1) {
    const Value index = cell;
    cell = index / static_cast<double>(anchors);
    const Value anchor = index - cell * static_cast<double>(anchors);
    prior = block * static_cast<double>(anchors) + anchor;
  }
  const Value row = cell / width;
  const Value column = cell - row * width;
  const auto last_axis = [](Value numbers) { return graph::Reshape(numbers, Shape{0, -1, 1}); };
  return {graph::Cast(graph::Concat({last_axis(column), last_axis(row)}, 2), DType::kFloat32),
          prior};
}

// A table of `columns` numbers a prior, and of it the rows that `prior` (N x K) tells.
template <typename Row>
Value FromTable(const DetectionHead& head, std::int64_t columns, Value prior, Row row) {
  std::vector<float> values;
  for (const LevelSpec& level : head.spec.levels) {
    for (std::size_t anchor = 0; anchor < AnchorCount(head); ++anchor) {
      for (const double value : row(level, anchor)) values.push_back(static_cast<float>(value));
    }
  }
  const Shape shape = {static_cast<std::int64_t>(values.size()) / columns, columns};
  return graph::Gather(graph::Floats(prior.graph(), shape, std::move(values)), prior, 0);
}

// The mean of each side's distribution: N x K x (4 * bins) to N x K x 4.
Value SideMeans(Value boxes, std::int64_t bins) {
  if (bins == 1) return boxes;
  graph::Graph& g = boxes.graph();
  const Value rows = graph::Reshape(boxes, Shape{0, -1, 4, bins});
  std::vector<float> numbers(static_cast<std::size_t>(bins));
  std::iota(numbers.begin(), numbers.end(), 0.0F);
  const Value weighted = graph::Softmax(rows) * graph::Floats(g, {bins}, std::move(numbers));
  return graph::ReduceSum(weighted, 3);
}

Value FromDistances(const DetectionHead& head, Value distances, const Place& place) {
  const Value strides =
      FromTable(head, 4, place.prior, [](const LevelSpec& level, std::size_t /*anchor*/) {
        const auto [x, y] = level.stride;
        return std::array<double, 4>{x, y, x, y};
      });
  graph::Graph& g = distances.graph();
  const Value priors = graph::Concat({place.grid, place.grid}, 2) + head.spec.prior_offset;
  const Value signs = graph::Floats(g, {4}, {-1, -1, 1, 1});
  return (priors + distances * signs) * strides;
}

Value Box(Value center, Value size, BoxFormat format) {
  if (format == BoxFormat::kCenterSize) return graph::Concat({center, size}, 2);
  const Value half = size * 0.5;
  return graph::Concat({center - half, center + half}, 2);
}

Value FromCenterSize(const DetectionHead& head, Value raw, const Place& place, BoxFormat format) {
  const Value strides =
      FromTable(head, 2, place.prior,
                [](const LevelSpec& level, std::size_t /*anchor*/) { return level.stride; });
  const Value center = (place.grid + head.spec.prior_offset + graph::Slice(raw, 2, 0, 2)) * strides;
  return Box(center, graph::Exp(graph::Slice(raw, 2, 2, 4)) * strides, format);
}

Value FromAnchors(const DetectionHead& head, Value raw, const Place& place, BoxFormat format) {
  const Value table =
      FromTable(head, 4, place.prior, [](const LevelSpec& level, std::size_t anchor) {
        const auto [w, h] = level.anchors[anchor];
        return std::array<double, 4>{level.stride[0], level.stride[1], 4 * w, 4 * h};
      });
  const Value sigmoid = graph::Sigmoid(raw);
  // (sigmoid - 0.5) * 2 + grid + 0.5 cells. Each operand has its statement: compilers differ in
  // which they compute first, and with it in the order of nodes.
  const Value origin = place.grid - 0.5;
  const Value cells = graph::Slice(sigmoid, 2, 0, 2) * 2.0 + origin;
  const Value root = graph::Slice(sigmoid, 2, 2, 4);
  const Value anchor = graph::Slice(table, 2, 2, 4);
  const Value size = root * root * anchor;
  const Value stride = graph::Slice(table, 2, 0, 2);
  return Box(cells * stride, size, format);
}

}  // namespace

BoxFormat NativeFormat(const DetectionHead& head) {
  if (head.spec.clips_boxes) return BoxFormat::kCorners;
  return head.spec.coding == BoxCoding::kDistance ? BoxFormat::kCorners : BoxFormat::kCenterSize;
}

Value DecodeBoxes(const DetectionHead& head, Value boxes, Value positions, BoxFormat format) {
  const Place place = PlaceOf(head, positions);
  const Value sides = SideMeans(boxes, head.spec.bins);
  switch (head.spec.coding) {
    case BoxCoding::kDistance:
      return FromDistances(head, sides, place);
    case BoxCoding::kCenterSize:
      return FromCenterSize(head, sides, place, format);
    case BoxCoding::kAnchor:
      break;
  }
  return FromAnchors(head, sides, place, format);
}

Value ClipToInput(const DetectionHead& head, Value corners) {
  if (!head.spec.clips_boxes) return corners;
  const HeadLevel& level = head.levels.front();
  const auto [stride_x, stride_y] = head.spec.levels.front().stride;
  const Value width = graph::Cast(graph::Dim(level.feature, 3), DType::kFloat32) * stride_x;
  const Value height = graph::Cast(graph::Dim(level.feature, 2), DType::kFloat32) * stride_y;
  const Value edges = graph::Concat({width, height, width, height}, 0);
  return graph::Min(graph::Max(corners, graph::ScalarLike(corners, 0)), edges);
}

}  // namespace yoloport::tasks::detect::nodes
