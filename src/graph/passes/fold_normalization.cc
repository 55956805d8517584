#include "graph/passes/fold_normalization.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "graph/passes/readers.h"

namespace yoloport::graph::passes {
namespace {

using tensor::Tensor;

// `weight` (O x C x kH x kW) for channels that are swapped and not divided by std.
Tensor FoldIntoWeight(const Tensor& stored, const Normalization& normalization) {
  const Tensor weight = stored.Dense();  // of a file that was read it may be unaligned
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

// The weight of a convolution of the image, if it can be changed: whoever reads it convolves the
// image. A weight that is held in memory counts only in a file that was read.
std::optional<LazyTensor> WeightOf(const Graph& graph, const Node& conv, int channels,
                                   const std::unordered_map<int, int>& readers,
                                   const std::unordered_map<int, int>& image_readers) {
  const auto group = conv.attributes.find("group");
  if (group != conv.attributes.end() && group->second != Attribute(std::int64_t{1})) return {};
  const int id = conv.inputs[1];
  const Graph::ValueData& value = graph.value(id);
  if (readers.at(id) != image_readers.at(id) || value.dtype != tensor::DType::kFloat32) return {};
  if (value.shape.size() != 4 || value.shape[1] != channels) return {};
  if (const auto* lazy = std::get_if<LazyTensor>(&value.constant)) return *lazy;
  if (const auto* held = std::get_if<Tensor>(&value.constant)) {
    return LazyTensor{value.dtype, value.shape, [tensor = *held] { return tensor; }, true};
  }
  return {};
}

}  // namespace

void FoldNormalization(Graph& graph, const Normalization& normalization) {
  if (!normalization.centered || normalization.centered.id() == normalization.image.id()) return;
  const int image = normalization.image.id();
  const auto channels = static_cast<int>(normalization.image.dim(1));
  std::vector<std::size_t> convs;
  std::unordered_map<int, int> image_readers;  // of weights: convolutions of the image
  for (std::size_t i = 0; i < graph.nodes().size(); ++i) {
    const Node& node = graph.nodes()[i];
    const auto reads = std::count(node.inputs.begin(), node.inputs.end(), image) +
                       std::count(node.captured.begin(), node.captured.end(), image);
    if (reads == 0) continue;
    const bool is_conv = node.op == "Conv" && node.domain.empty() && reads == 1 &&
                         node.inputs.size() >= 2 && node.inputs[0] == image && node.inputs[1] >= 0;
    if (!is_conv) return;
    convs.push_back(i);
    ++image_readers[node.inputs[1]];
  }
  const std::unordered_map<int, int> readers = CountReaders(graph);
  std::unordered_map<int, LazyTensor> weights;
  for (const std::size_t conv : convs) {
    auto weight = WeightOf(graph, graph.nodes()[conv], channels, readers, image_readers);
    if (!weight) return;
    weights.emplace(graph.nodes()[conv].inputs[1], *std::move(weight));
  }
  for (auto& [id, weight] : weights) {
    weight.make = [make = weight.make, normalization] {
      return FoldIntoWeight(make(), normalization);
    };
    graph.ReplaceConstant(id, std::move(weight));
  }
  for (const std::size_t conv : convs) graph.ReplaceInput(conv, 0, normalization.centered);
}

}  // namespace yoloport::graph::passes
