#include "graph/passes/split_conv.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <numeric>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "graph/passes/readers.h"
#include "graph/passes/rewriting.h"
#include "tensor/arithmetic.h"

namespace yoloport::graph::passes {
namespace {

using tensor::Tensor;

// Each element of the result depends only on the operands' elements at the same index.
constexpr std::array<std::string_view, 18> kElementwise = {
    "Abs", "Add", "Clip", "Div",   "Elu",  "Erf",     "Exp",      "HardSigmoid", "LeakyRelu",
    "Max", "Min", "Mul",  "PRelu", "Relu", "Sigmoid", "Softplus", "Sub",         "Tanh"};

// A convolution, the activation behind it and the Split, as indices of nodes.
struct Chain {
  std::size_t conv = 0;
  std::vector<std::size_t> between = {};  // front to back
  std::size_t split = 0;
  std::vector<int> sizes = {};  // the Split's constants, unless others read them, too
};

class ChainFinder {
 public:
  explicit ChainFinder(const Graph& graph)
      : graph_(graph), readers_(CountReaders(graph)), fixed_(FixedValues(graph)) {
    for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
      for (const int result : graph.nodes()[i].outputs) makers_[result] = i;
    }
  }

  // By the index of the convolution.
  std::unordered_map<std::size_t, Chain> Find() const {
    std::unordered_map<std::size_t, Chain> chains;
    for (std::size_t i = 0; i < graph_.nodes().size(); ++i) {
      if (!SplitsChannels(graph_.nodes()[i])) continue;
      if (auto chain = EndingWith(i)) chains[chain->conv] = std::move(*chain);
    }
    return chains;
  }

 private:
  bool SplitsChannels(const Node& node) const {
    const auto is_fixed = [&](int id) { return fixed_.contains(id); };
    return node.op == "Split" && node.attributes.at("axis") == Attribute(std::int64_t{1}) &&
           std::none_of(node.outputs.begin(), node.outputs.end(), is_fixed);
  }

  // Walks back from the Split, last node first: when a node comes up, every node of the chain that
  // reads it has come up before.
  std::optional<Chain> EndingWith(std::size_t split) const {
    Chain chain{.split = split};
    std::set<std::size_t> pending;
    std::unordered_map<int, int> reads;
    const auto take = [&](int id) {
      const auto maker = makers_.find(id);
      if (maker == makers_.end()) return false;
      pending.insert(maker->second);
      ++reads[id];
      return true;
    };
    bool fits = take(graph_.nodes()[split].inputs[0]);
    while (fits && !pending.empty()) {
      const std::size_t at = *pending.rbegin();
      pending.erase(at);
      const Node& node = graph_.nodes()[at];
      const int result = node.outputs.front();
      if (reads[result] != Readers(result)) return std::nullopt;
      if (pending.empty() && MayBeSplit(node)) {
        chain.conv = at;
        std::reverse(chain.between.begin(), chain.between.end());
        const auto& inputs = graph_.nodes()[split].inputs;
        std::copy_if(inputs.begin() + 1, inputs.end(), std::back_inserter(chain.sizes),
                     [&](int id) { return Readers(id) == 1; });
        return chain;
      }
      chain.between.push_back(at);
      fits = std::count(kElementwise.begin(), kElementwise.end(), node.op) > 0 &&
             std::all_of(node.inputs.begin(), node.inputs.end(),
                         [&](int id) { return IsScalar(id) || take(id); });
    }
    return std::nullopt;
  }

  bool MayBeSplit(const Node& node) const {
    if (node.op != "Conv" || node.attributes.at("group") != Attribute(std::int64_t{1})) {
      return false;
    }
    const bool has_own = std::all_of(node.inputs.begin() + 1, node.inputs.end(),
                                     [&](int id) { return Readers(id) == 1; });
    const bool has_plain_bias =
        node.inputs.size() < 3 ||
        std::holds_alternative<Tensor>(graph_.value(node.inputs[2]).constant);
    return has_own && has_plain_bias &&
           std::holds_alternative<LazyTensor>(graph_.value(node.inputs[1]).constant);
  }

  int Readers(int id) const {
    const auto found = readers_.find(id);
    return found == readers_.end() ? 0 : found->second;
  }

  bool IsScalar(int id) const {
    constexpr std::int64_t kImageRank =
        4;  // a constant of higher rank would raise the rank of the result
    const auto* tensor = std::get_if<Tensor>(&graph_.value(id).constant);
    return tensor != nullptr && tensor->size() == 1 && tensor->rank() <= kImageRank;
  }

  const Graph& graph_;
  const std::unordered_map<int, int> readers_;
  const std::unordered_set<int> fixed_;
  std::unordered_map<int, std::size_t> makers_;  // by result: the index of the node
};

// One part of a chain: its share of the channels.
class Part {
 public:
  Part(Graph& graph, std::int64_t first_channel, std::int64_t channels)
      : graph_(graph), channels_(static_cast<std::size_t>(channels)) {
    std::iota(channels_.begin(), channels_.end(), first_channel);
  }

  void AddConv(const Node& conv, const std::string& name, Placed& placed) {
    std::vector<Value> inputs = {graph_.Handle(conv.inputs[0]),
                                 graph_.Constant(Weight(conv.inputs[1]), name + ".weight")};
    placed[conv.inputs[1]].push_back(inputs.back().id());
    if (conv.inputs.size() > 2) {
      std::vector<int>& biases = placed[conv.inputs[2]];
      if (const auto bias = Bias(conv.inputs[2])) {
        inputs.push_back(graph_.Constant(*bias, name + ".bias"));
        biases.push_back(inputs.back().id());
      }
    }
    const int result = conv.outputs.front();
    results_[result] = AddLike(graph_, conv, inputs, ShapeOf(result), name).id();
  }

  // Adds a copy of `node`, or the node itself, which then computes this part only.
  void AddBetween(Node node, bool is_itself) {
    ReplaceInputs(node, results_);
    const int result = node.outputs.front();
    if (is_itself) {
      graph_.SetExtent(result, 1, static_cast<std::int64_t>(channels_.size()));
      graph_.mutable_nodes().push_back(std::move(node));
      return;
    }
    const NameScope scope(graph_, ScopeOf(node.name));
    std::vector<Value> inputs;
    for (const int id : node.inputs) inputs.push_back(graph_.Handle(id));
    results_[result] = AddLike(graph_, node, inputs, ShapeOf(result)).id();
  }

  // What this part has in place of the value `id` of the chain.
  int ResultOf(int id) const {
    const auto found = results_.find(id);
    return found == results_.end() ? id : found->second;
  }

 private:
  tensor::Shape ShapeOf(int id) const {
    tensor::Shape shape = graph_.value(id).shape;
    shape[1] = static_cast<std::int64_t>(channels_.size());
    return shape;
  }

  LazyTensor Weight(int id) const {
    LazyTensor lazy = std::get<LazyTensor>(graph_.value(id).constant);
    lazy.shape[0] = static_cast<std::int64_t>(channels_.size());
    lazy.make = [make = std::move(lazy.make), channels = channels_, dtype = lazy.dtype] {
      return tensor::PermuteRows(make(), channels).To(dtype);
    };
    return lazy;
  }

  // Nothing if all are zero.
  std::optional<Tensor> Bias(int id) const {
    const Tensor& all = std::get<Tensor>(graph_.value(id).constant);
    Tensor bias = tensor::PermuteRows(all, channels_);
    const auto values = bias.values<float>();
    if (std::all_of(values.begin(), values.end(), [](float value) { return value == 0; })) {
      return std::nullopt;
    }
    return bias.To(all.dtype());
  }

  Graph& graph_;
  std::vector<std::int64_t> channels_;
  Replacements results_;  // of the chain's values
};

// Adds what replaces `chain`, whose indices are those of `nodes`.
void AddParts(Graph& graph, const std::vector<Node>& nodes, const Chain& chain,
              Replacements& replaced, Placed& placed) {
  const Node& conv = nodes[chain.conv];
  const Node& split = nodes[chain.split];
  std::int64_t first_channel = 0;
  for (std::size_t i = 0; i < split.outputs.size(); ++i) {
    const std::int64_t channels = graph.Handle(split.outputs[i]).dim(1);
    Part part(graph, first_channel, channels);
    part.AddConv(conv, conv.name + "." + std::to_string(i), placed);
    for (const std::size_t at : chain.between) part.AddBetween(nodes[at], i == 0);
    replaced[split.outputs[i]] = part.ResultOf(split.inputs[0]);
    first_channel += channels;
  }
  for (const int id : chain.sizes) placed[id] = {};
}

}  // namespace

void SplitConv(Graph& graph) {
  const auto chains = ChainFinder(graph).Find();
  std::vector<Node> nodes = std::exchange(graph.mutable_nodes(), {});
  std::vector<bool> is_gone(nodes.size(), false);
  Replacements replaced;
  Placed placed;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    ReplaceInputs(nodes[i], replaced);
    if (const auto chain = chains.find(i); chain != chains.end()) {
      AddParts(graph, nodes, chain->second, replaced, placed);
      is_gone[chain->second.split] = true;
      for (const std::size_t at : chain->second.between) is_gone[at] = true;
    } else if (!is_gone[i]) {
      graph.mutable_nodes().push_back(std::move(nodes[i]));
    }
  }
  PlaceConstants(graph, placed);
}

}  // namespace yoloport::graph::passes
