#include "graph/passes/fold_normalization.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace yoloport::graph::passes {
namespace {

using tensor::Tensor;

// `weight` (O x C x kH x kW) for channels that are swapped and not divided by std.
Tensor FoldIntoWeight(const Tensor& weight, const Normalization& normalization) {
  const auto from = weight.values<float>();
  const auto window = static_cast<std::size_t>(weight.shape()[2] * weight.shape()[3]);
  const auto channels = static_cast<std::size_t>(weight.shape()[1]);
  std::vector<float> to(from.size());
  for (std::size_t row = 0; row < to.size() / window; ++row) {
    const std::size_t channel = row % channels;
    const std::size_t source =
        row - channel + (normalization.swaps_channels ? 2 - channel : channel);
    for (std::size_t i = 0; i < window; ++i) {
      to[row * window + i] = from[source * window + i] / normalization.std[channel];
    }
  }
  return Tensor::Of<float>(weight.shape(), std::move(to));
}

}  // namespace

void FoldNormalization(Graph& graph, const Normalization& normalization) {
  if (!normalization.centered || normalization.centered.id() == normalization.image.id()) return;
  std::vector<std::size_t> readers;
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    if (std::count(node.inputs.begin(), node.inputs.end(), normalization.image.id()) == 0) continue;
    const bool folds = node.op == "Conv" &&
                       std::holds_alternative<LazyTensor>(graph.value(node.inputs[1]).constant);
    if (!folds) return;
    readers.push_back(i);
  }
  for (const std::size_t reader : readers) {
    const int weight = graph.nodes()[reader].inputs[1];
    LazyTensor lazy = std::get<LazyTensor>(graph.value(weight).constant);
    lazy.make = [make = lazy.make, normalization] { return FoldIntoWeight(make(), normalization); };
    graph.ReplaceConstant(weight, std::move(lazy));
    graph.ReplaceInput(reader, 0, normalization.centered);
  }
}

}  // namespace yoloport::graph::passes
