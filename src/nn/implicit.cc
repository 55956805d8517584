#include "nn/implicit.h"

#include <cassert>
#include <utility>
#include <vector>

namespace yoloport::nn {
namespace {

std::vector<float> TakeImplicit(const checkpoint::Weights& w, std::int64_t channels) {
  const tensor::Tensor tensor = w.Take("implicit", {1, channels, 1, 1}).To(tensor::DType::kFloat32);
  const auto values = tensor.values<float>();
  return {values.begin(), values.end()};
}

}  // namespace

FoldedConv After(std::span<const float> added, FoldedConv conv) {
  assert(conv.shape[2] == 1 && conv.shape[3] == 1);
  assert(conv.shape[1] == static_cast<std::int64_t>(added.size()));
  const tensor::Tensor weight = conv.weight();
  const auto values = weight.values<float>();
  for (std::size_t row = 0; row < conv.bias.size(); ++row) {
    double sum = conv.bias[row];
    for (std::size_t i = 0; i < added.size(); ++i) {
      sum += static_cast<double>(values[row * added.size() + i]) * added[i];
    }
    conv.bias[row] = static_cast<float>(sum);
  }
  return conv;
}

FoldedConv TakeImplicitConv(const checkpoint::Weights& w, std::size_t first,
                            std::int64_t in_channels, std::int64_t out_channels) {
  const std::vector<float> added = TakeImplicit(w[first], in_channels);
  FoldedConv conv = TakeConv(w[first + 1], {out_channels, in_channels, 1, 1}, true);
  std::vector<float> factors = TakeImplicit(w[first + 2], out_channels);
  std::vector<float> zeros(factors.size(), 0.0F);
  return Then(After(added, std::move(conv)), {std::move(factors), std::move(zeros)});
}

}  // namespace yoloport::nn
