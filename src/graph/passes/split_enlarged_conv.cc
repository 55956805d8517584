#include "graph/passes/split_enlarged_conv.h"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "graph/ops.h"
#include "graph/passes/readers.h"
#include "graph/passes/rewriting.h"
#include "tensor/arithmetic.h"

namespace yoloport::graph::passes {
namespace {

using Nodes = std::unordered_map<int, Node>;  // by result

// The inputs of a Concat, one of which was enlarged.
struct Joined {
  const Node* enlarging = nullptr;
  std::vector<std::int64_t> coarse_channels;  // of the joined ones, those that were enlarged
  std::vector<Value> others;
  std::vector<std::int64_t> other_channels;
};

bool AllAre(const Node& node, const std::string& attribute, std::int64_t number) {
  const auto& list = std::get<std::vector<std::int64_t>>(node.attributes.at(attribute));
  return std::all_of(list.begin(), list.end(), [&](std::int64_t entry) { return entry == number; });
}

// Whether each output pixel depends only on the input pixel at the same place.
bool IsPointwise(const Node& conv) {
  return AllAre(conv, "kernel_shape", 1) && AllAre(conv, "strides", 1) && AllAre(conv, "pads", 0) &&
         std::get<std::int64_t>(conv.attributes.at("group")) == 1;
}

// Whether each output pixel is a copy of an input pixel, all channels from the same one.
bool CopiesPixels(const Graph& graph, const Node& resize) {
  const auto* scales = std::get_if<tensor::Tensor>(&graph.value(resize.inputs[2]).constant);
  return scales != nullptr && scales->values<float>()[0] == 1 && scales->values<float>()[1] == 1 &&
         resize.attributes.at("mode") == Attribute(std::string("nearest"));
}

std::optional<Joined> FindEnlarged(Graph& graph, const Node& concat, const Nodes& enlarging) {
  Joined joined;
  std::int64_t channel = 0;
  for (const int part : concat.inputs) {
    const auto found = enlarging.find(part);
    const bool is_coarse = joined.enlarging == nullptr && found != enlarging.end();
    if (is_coarse) {
      joined.enlarging = &found->second;
    } else {
      joined.others.push_back(graph.Handle(part));
    }
    auto& channels = is_coarse ? joined.coarse_channels : joined.other_channels;
    for (std::int64_t i = 0; i < graph.Handle(part).dim(1); ++i) channels.push_back(channel++);
  }
  if (joined.enlarging == nullptr || joined.others.empty()) return std::nullopt;
  return joined;
}

// The weight `id`, restricted to some of its input channels.
LazyTensor ForInputs(const Graph& graph, int id, std::vector<std::int64_t> channels) {
  LazyTensor lazy = std::get<LazyTensor>(graph.value(id).constant);
  lazy.shape[1] = static_cast<std::int64_t>(channels.size());
  lazy.make = [make = std::move(lazy.make), channels = std::move(channels), dtype = lazy.dtype] {
    return tensor::PermuteInputs(make(), channels).To(dtype);
  };
  return lazy;
}

// Adds what replaces `conv`, and returns the sum.
Value AddInParts(Graph& graph, Node conv, Joined joined, Placed& placed) {
  const NameScope scope(graph, ScopeOf(conv.name));
  const int weight = conv.inputs[1];
  const int result = conv.outputs[0];
  const std::string name = conv.name;
  const auto of_channels = [&](Value value) {
    tensor::Shape shape = value.shape();
    shape[1] = graph.value(result).shape[1];
    return shape;
  };
  const Node& resize = *joined.enlarging;
  const Value map = graph.Handle(resize.inputs[0]);
  const Value coarse_weight = graph.Constant(
      ForInputs(graph, weight, std::move(joined.coarse_channels)), name + ".coarse.weight");
  placed[weight] = {coarse_weight.id(), weight};
  graph.SetConstant(weight, ForInputs(graph, weight, std::move(joined.other_channels)));
  const Value coarse =
      AddLike(graph, conv, {map, coarse_weight}, of_channels(map), name + ".coarse");
  std::vector<Value> inputs = {coarse};
  for (const int id : std::span(resize.inputs).subspan(1)) {
    inputs.push_back(id < 0 ? Value() : graph.Handle(id));
  }
  const Value enlarged =
      AddLike(graph, resize, inputs, of_channels(graph.Handle(resize.outputs[0])));
  conv.inputs[0] = Concat(joined.others, 1).id();
  graph.mutable_nodes().push_back(std::move(conv));
  // ONNX Runtime computes the sum within the convolution if it can tell that the shapes are equal.
  for (const Value part : {enlarged, graph.Handle(result)}) {
    graph.NameDims(part, {name + "/batch", "", name + "/height", name + "/width"});
  }
  return Add(graph.Handle(result), enlarged);
}

}  // namespace

void SplitEnlargedConv(Graph& graph) {
  const auto readers = CountReaders(graph);
  const auto fixed = FixedValues(graph);
  Nodes concats;
  Nodes enlarging;
  Replacements replaced;
  Placed placed;
  const auto joined_for = [&](const Node& conv) -> std::optional<Joined> {
    const auto concat = concats.find(conv.inputs[0]);
    const bool may_be_split =
        concat != concats.end() && IsPointwise(conv) &&
        std::holds_alternative<LazyTensor>(graph.value(conv.inputs[1]).constant) &&
        readers.at(conv.inputs[1]) == 1 && !fixed.contains(conv.outputs[0]);
    return may_be_split ? FindEnlarged(graph, concat->second, enlarging) : std::nullopt;
  };
  for (Node& node : std::exchange(graph.mutable_nodes(), {})) {
    ReplaceInputs(node, replaced);
    const int result = node.outputs.front();
    if (node.op == "Concat" && node.attributes.at("axis") == Attribute(std::int64_t{1})) {
      concats[result] = node;
    }
    if (node.op == "Resize" && CopiesPixels(graph, node)) enlarging[result] = node;
    auto joined = node.op == "Conv" ? joined_for(node) : std::nullopt;
    if (joined) {
      replaced[result] = AddInParts(graph, std::move(node), std::move(*joined), placed).id();
    } else {
      graph.mutable_nodes().push_back(std::move(node));
    }
  }
  PlaceConstants(graph, placed);
}

}  // namespace yoloport::graph::passes
