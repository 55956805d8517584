#include "finish/heads.h"

#include <algorithm>
#include <numeric>
#include <unordered_map>

#include "graph/ops.h"

namespace yoloport::finish {
namespace {

using contract::RawLevel;
using contract::RawPart;
using graph::Graph;
using graph::Node;
using graph::Value;

class HeadBuilder {
 public:
  HeadBuilder(Graph& graph, const contract::RawHeadFit& fit, const std::vector<int>& outputs,
              const OpenExtents& open, graph::HeadLayout layout)
      : graph_(graph), fit_(fit), outputs_(outputs), open_(open), layout_(layout) {
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
      for (const int id : graph.nodes()[i].outputs) makers_[id] = i;
    }
  }

  graph::HeadLevel Level(std::size_t index) {
    const RawLevel& level = fit_.levels[index];
    const contract::LevelSpec& spec = fit_.head.levels[index];
    anchors_ = std::max<std::int64_t>(1, static_cast<std::int64_t>(spec.anchors.size()));
    const bool is_joined = level.classes.output == level.boxes.output;
    if (is_joined && anchors_ == 1) return JoinedLevel(level);
    graph::HeadLevel result;
    result.feature = Map(level.classes, level);
    result.classes = Positions(level.classes, level, fit_.head.num_classes);
    result.boxes = Positions(level.boxes, level, std::int64_t{4} * fit_.head.bins);
    if (level.objectness) result.objectness = Positions(*level.objectness, level, 1);
    return result;
  }

 private:
  const Node* MakerOf(Value value) const {
    const auto found = makers_.find(value.id());
    return found == makers_.end() ? nullptr : &graph_.nodes()[found->second];
  }

  // What is known now of a map, N x channels x height x width, whatever the file states.
  Value Settled(Value map, std::int64_t channels, const RawLevel& level) {
    const std::int64_t height = open_.size ? graph::kDynamic : level.height;
    const std::int64_t width = open_.size ? graph::kDynamic : level.width;
    graph_.SetType(map.id(), {map.dtype(), {open_.batch, channels, height, width}});
    graph_.NameDims(map, {});  // as an output that others named
    return map;
  }

  // The output that holds `part`, channels first.
  Value Map(const RawPart& part, const RawLevel& level) {
    const Value output = graph_.Handle(outputs_[part.output]);
    if (!fit_.channels_last) return Settled(output, output.dim(1), level);
    const std::int64_t channels = output.dim(3);
    const Node* maker = MakerOf(output);
    const graph::Attribute to_last = std::vector<std::int64_t>{0, 2, 3, 1};
    if (maker != nullptr && maker->op == "Transpose" && maker->attributes.contains("perm") &&
        maker->attributes.at("perm") == to_last && IsTyped(maker->inputs[0])) {
      return Settled(graph_.Handle(maker->inputs[0]), channels, level);
    }
    return Settled(graph::Transpose(output, {0, 3, 1, 2}), channels, level);
  }

  bool IsTyped(int id) const { return graph_.value(id).has_dtype && graph_.value(id).has_shape; }

  // Classes, boxes and objectness that follow each other in one map.
  graph::HeadLevel JoinedLevel(const RawLevel& level) {
    const Value map = Map(level.classes, level);
    std::vector<std::int64_t> sizes = {fit_.head.num_classes, std::int64_t{4} * fit_.head.bins};
    if (level.objectness) sizes.push_back(1);
    std::vector<Value> parts = PartsBefore(map, sizes, level);
    if (parts.empty()) parts = graph::Split(map, 1, sizes);
    graph::HeadLevel result;
    result.feature = parts[0];
    result.classes = graph::PositionsOf(parts[0], sizes[0], layout_);
    result.boxes = graph::PositionsOf(parts[1], sizes[1], layout_);
    if (level.objectness) result.objectness = graph::PositionsOf(parts[2], 1, layout_);
    return result;
  }

  // The maps that were joined to `map`, if they are the parts of these sizes.
  std::vector<Value> PartsBefore(Value map, const std::vector<std::int64_t>& sizes,
                                 const RawLevel& level) {
    const Node* maker = MakerOf(map);
    if (maker == nullptr || maker->op != "Concat" || maker->inputs.size() != sizes.size() ||
        !maker->attributes.contains("axis") ||
        maker->attributes.at("axis") != graph::Attribute(std::int64_t{1})) {
      return {};
    }
    const std::vector<int> ids = maker->inputs;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const bool fits = ids[i] >= 0 && IsTyped(ids[i]) && graph_.Handle(ids[i]).rank() == 4 &&
                        graph_.Handle(ids[i]).dim(1) == sizes[i] && makers_.contains(ids[i]);
      if (!fits) return {};
    }
    std::vector<Value> parts;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      parts.push_back(Settled(graph_.Handle(ids[i]), sizes[i], level));
    }
    return parts;
  }

  // The numbers of `part`, `columns` an anchor, in the order of channels that PositionsOf() wants.
  Value Positions(const RawPart& part, const RawLevel& level, std::int64_t columns) {
    const Value map = Map(part, level);
    const bool anchor_outside = layout_ == graph::HeadLayout::kPositionsFirst;
    std::vector<std::int64_t> channels;
    for (std::int64_t i = 0; i < anchors_ * columns; ++i) {
      const std::int64_t anchor = anchor_outside ? i / columns : i % anchors_;
      const std::int64_t column = anchor_outside ? i % columns : i / anchors_;
      channels.push_back(part.first_channel + anchor * part.anchor_step + column);
    }
    std::vector<std::int64_t> all(static_cast<std::size_t>(map.dim(1)));
    std::iota(all.begin(), all.end(), std::int64_t{0});
    const Value chosen =
        channels == all ? map : graph::Gather(map, graph::Int64s(graph_, channels), 1);
    return graph::PositionsOf(chosen, columns, layout_);
  }

  Graph& graph_;
  const contract::RawHeadFit& fit_;
  const std::vector<int>& outputs_;
  const OpenExtents& open_;
  graph::HeadLayout layout_;
  std::unordered_map<int, std::size_t> makers_;  // by result: the node of the file
  std::int64_t anchors_ = 1;                     // of the level at hand
};

}  // namespace

graph::HeadOutput HeadOf(Graph& graph, const contract::RawHeadFit& fit,
                         const std::vector<int>& outputs, const std::string& type,
                         const OpenExtents& open, graph::HeadLayout layout) {
  const graph::NameScope scope(graph, "heads");
  graph::HeadOutput network;
  network.type = type;
  network.head.spec = fit.head;
  network.head.layout = layout;
  HeadBuilder builder(graph, fit, outputs, open, layout);
  for (std::size_t i = 0; i < fit.levels.size(); ++i) {
    network.head.levels.push_back(builder.Level(i));
  }
  return network;
}

}  // namespace yoloport::finish
