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

FoldedConv WithImplicit(const checkpoint::Weights& added, FoldedConv conv,
                        const checkpoint::Weights& factors) {
  const std::vector<float> before = TakeImplicit(added, conv.shape[1]);
  std::vector<float> scale = TakeImplicit(factors, conv.shape[0]);
  std::vector<float> zeros(scale.size(), 0.0F);
  return Then(After(before, std::move(conv)), {std::move(scale), std::move(zeros)});
}

FoldedConv TakeImplicitConv(const checkpoint::Weights& w, std::size_t first,
                            std::int64_t in_channels, std::int64_t out_channels) {
  FoldedConv conv = TakeConv(w[first + 1], {out_channels, in_channels, 1, 1}, true);
  return WithImplicit(w[first], std::move(conv), w[first + 2]);
}

}  // namespace yoloport::nn
