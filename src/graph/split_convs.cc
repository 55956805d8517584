// A convolution is linear: of joined maps it is the sum of those of the maps.

#include "graph/fold.h"
#include "graph/graph.h"

namespace yoloport::graph {
namespace {

bool IsUngroupedConv(const Node& node) {
  return node.op == "Conv" && std::get<std::int64_t>(node.attributes.at("group")) == 1;
}

bool JoinsTwoMaps(const Node& node) {
  return node.op == "Concat" && node.inputs.size() == 2 &&
         std::get<std::int64_t>(node.attributes.at("axis")) == 1;
}

// The part of `weight` that meets the input channels `begin` .. `end - 1`.
LazyTensor InputsOfWeight(const LazyTensor& weight, std::int64_t begin, std::int64_t end) {
  LazyTensor part = weight;
  part.shape[1] = end - begin;
  part.make = [make = weight.make, begin, end] { return FoldSlice(make(), 1, begin, end, 1); };
  return part;
}

}  // namespace

std::unordered_map<int, std::vector<int>> Graph::MapsJoinedForConvs() const {
  std::unordered_map<int, std::vector<int>> joined;
  for (const Node& node : nodes_) {
    if (JoinsTwoMaps(node)) joined[node.outputs[0]] = node.inputs;
  }
  const std::unordered_map<int, int> readers = CountReaders();
  std::erase_if(joined, [&](const auto& maps) {
    const auto count = readers.find(maps.first);
    return count == readers.end() || count->second != 1;
  });
  for (const Node& node : nodes_) {
    const bool is_lazy =
        IsUngroupedConv(node) && std::holds_alternative<LazyTensor>(value(node.inputs[1]).constant);
    if (is_lazy) continue;
    for (const int input : node.inputs) joined.erase(input);
  }
  return joined;
}

void Graph::SplitConv(const Node& conv, const std::vector<int>& maps) {
  const LazyTensor whole = std::get<LazyTensor>(value(conv.inputs[1]).constant);
  const ValueData& result = value(conv.outputs[0]);
  std::vector<int> terms;
  std::int64_t channel = 0;
  for (const int map : maps) {
    const bool is_last = terms.size() + 1 == maps.size();
    Node part;
    part.op = conv.op;
    part.attributes = conv.attributes;
    part.name = conv.name + (is_last ? ".second" : ".first");
    const std::int64_t end = channel + value(map).shape[1];
    std::vector<Value> inputs = {
        Value(this, map), Constant(InputsOfWeight(whole, channel, end), part.name + ".weight")};
    if (is_last && conv.inputs.size() > 2) inputs.push_back(Value(this, conv.inputs[2]));
    const Value term = Add(std::move(part), inputs, {result.dtype, result.shape});
    // ONNX Runtime adds within the convolution where it sees that the shapes are the same.
    NameDims(term, {conv.name + "/batch", "", conv.name + "/height", conv.name + "/width"});
    terms.insert(terms.begin(), term.id());
    channel = end;
  }
  Node sum;
  sum.op = "Add";
  sum.name = UniqueName(conv.name + "/Add");
  sum.inputs = std::move(terms);
  sum.outputs = conv.outputs;
  nodes_.push_back(std::move(sum));
}

void Graph::SplitConvsOfJoinedMaps() {
  const auto joined = MapsJoinedForConvs();
  const std::vector<Node> nodes = std::move(nodes_);
  nodes_.clear();
  for (const Node& node : nodes) {
    const auto maps = node.op == "Conv" ? joined.find(node.inputs[0]) : joined.end();
    if (maps == joined.end()) {
      nodes_.push_back(node);
    } else {
      SplitConv(node, maps->second);
    }
  }
}

}  // namespace yoloport::graph
