#include "postprocess/decode.h"

#include <algorithm>
#include <numeric>

#include "graph/ops.h"

namespace yoloport {
namespace {

using graph::BoxCoding;
using graph::DetectionHead;
using graph::HeadLevel;
using graph::Value;

std::size_t AnchorCount(const HeadLevel& level) {
  return std::max<std::size_t>(1, level.anchors.size());
}

// Positions come in blocks, one an anchor of a level: H x W of them in a row. Per block, int64: the
// first position and W. B x 1 each.
struct Blocks {
  Value begin;
  Value width;
};

Blocks BlocksOf(const DetectionHead& head) {
  graph::Graph& g = head.levels.front().classes.graph();
  std::vector<Value> begins;
  std::vector<Value> widths;
  Value begin = graph::Int64s(g, {0});
  for (const HeadLevel& level : head.levels) {
    const Value width = graph::Dim(level.feature, 3);
    const Value cells = graph::Dim(level.feature, 2) * width;
    for (std::size_t anchor = 0; anchor < AnchorCount(level); ++anchor) {
      begins.push_back(begin);
      widths.push_back(width);
      begin = begin + cells;
    }
  }
  return {graph::Concat(begins, 0), graph::Concat(widths, 0)};
}

// For each position the number of its block: how many of the blocks 1, 2 .. begin at or before it.
Value BlockOf(const Blocks& blocks, Value positions) {
  const std::int64_t count = blocks.begin.dim(0);
  graph::Graph& g = positions.graph();
  if (count == 1) return graph::Sub(positions, positions);
  const Value later = graph::Slice(blocks.begin, 0, 1, count);
  const Value column = graph::Reshape(positions, Shape{0, -1, 1});
  const Value reached = graph::Greater(column, later - graph::Int64s(g, {1}));
  // Summed as floats, since TensorRT reduces no integers.
  return graph::Cast(graph::ReduceSum(graph::Cast(reached, DType::kFloat32), 2), DType::kInt64);
}

// One row a block of a table of `columns` numbers.
template <typename Row>
Value BlockTable(const DetectionHead& head, std::int64_t columns, Row row) {
  std::vector<float> values;
  for (const HeadLevel& level : head.levels) {
    for (std::size_t anchor = 0; anchor < AnchorCount(level); ++anchor) {
      for (const double value : row(level, anchor)) values.push_back(static_cast<float>(value));
    }
  }
  graph::Graph& g = head.levels.front().classes.graph();
  return graph::Floats(g, {static_cast<std::int64_t>(values.size()) / columns, columns}, values);
}

// N x K x 2: the cell's column and row.
Value GridPoints(const Blocks& blocks, Value block, Value positions) {
  const Value width = graph::Gather(blocks.width, block, 0);
  const Value cell = positions - graph::Gather(blocks.begin, block, 0);
  const Value row = cell / width;
  const Value column = cell - row * width;  // TensorRT has no Mod before 8.6
  const auto last_axis = [](Value numbers) { return graph::Reshape(numbers, Shape{0, -1, 1}); };
  return graph::Cast(graph::Concat({last_axis(column), last_axis(row)}, 2), DType::kFloat32);
}

// The mean of each side's distribution: N x (4 * bins) x K to N x K x 4.
Value SideMeans(Value boxes, std::int64_t bins) {
  if (bins == 1) return graph::Transpose(boxes, {0, 2, 1});
  graph::Graph& g = boxes.graph();
  const Value rows = graph::Reshape(graph::Transpose(boxes, {0, 2, 1}), Shape{0, -1, 4, bins});
  std::vector<float> numbers(static_cast<std::size_t>(bins));
  std::iota(numbers.begin(), numbers.end(), 0.0F);
  const Value weighted = graph::Softmax(rows) * graph::Floats(g, {bins}, std::move(numbers));
  return graph::ReduceSum(weighted, 3);
}

Value FromDistances(const DetectionHead& head, Value distances, Value grid, Value block) {
  const Value strides = graph::Gather(BlockTable(head, 4,
                                                 [](const HeadLevel& level, std::size_t) {
                                                   const auto [x, y] = level.stride;
                                                   return std::array<double, 4>{x, y, x, y};
                                                 }),
                                      block, 0);
  graph::Graph& g = grid.graph();
  const Value priors = graph::Concat({grid, grid}, 2) + head.prior_offset;
  const Value signs = graph::Floats(g, {4}, {-1, -1, 1, 1});
  return (priors + distances * signs) * strides;
}

Value Box(Value center, Value size, BoxFormat format) {
  if (format == BoxFormat::kCenterSize) return graph::Concat({center, size}, 2);
  const Value half = size * 0.5;
  return graph::Concat({center - half, center + half}, 2);
}

Value FromCenterSize(const DetectionHead& head, Value raw, Value grid, Value block,
                     BoxFormat format) {
  const Value strides = graph::Gather(
      BlockTable(head, 2, [](const HeadLevel& level, std::size_t) { return level.stride; }), block,
      0);
  const Value center = (grid + head.prior_offset + graph::Slice(raw, 2, 0, 2)) * strides;
  return Box(center, graph::Exp(graph::Slice(raw, 2, 2, 4)) * strides, format);
}

Value FromAnchors(const DetectionHead& head, Value raw, Value grid, Value block, BoxFormat format) {
  const Value table = graph::Gather(
      BlockTable(head, 4,
                 [](const HeadLevel& level, std::size_t anchor) {
                   const auto [w, h] = level.anchors[anchor];
                   return std::array<double, 4>{level.stride[0], level.stride[1], 4 * w, 4 * h};
                 }),
      block, 0);
  const Value sigmoid = graph::Sigmoid(raw);
  // (sigmoid - 0.5) * 2 + grid + 0.5 cells
  const Value cells = graph::Slice(sigmoid, 2, 0, 2) * 2.0 + (grid - 0.5);
  const Value root = graph::Slice(sigmoid, 2, 2, 4);
  return Box(cells * graph::Slice(table, 2, 0, 2), root * root * graph::Slice(table, 2, 2, 4),
             format);
}

}  // namespace

BoxFormat NativeFormat(const DetectionHead& head) {
  return head.coding == BoxCoding::kDistance ? BoxFormat::kCorners : BoxFormat::kCenterSize;
}

Value DecodeBoxes(const DetectionHead& head, Value boxes, Value positions, BoxFormat format) {
  const Blocks blocks = BlocksOf(head);
  const Value block = BlockOf(blocks, positions);
  const Value grid = GridPoints(blocks, block, positions);
  const Value sides = SideMeans(boxes, head.bins);
  switch (head.coding) {
    case BoxCoding::kDistance:
      return FromDistances(head, sides, grid, block);
    case BoxCoding::kCenterSize:
      return FromCenterSize(head, sides, grid, block, format);
    case BoxCoding::kAnchor:
      break;
  }
  return FromAnchors(head, sides, grid, block, format);
}

}  // namespace yoloport
