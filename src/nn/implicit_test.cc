#include "nn/implicit.h"

#include <gtest/gtest.h>

#include <vector>

namespace yoloport::nn {
namespace {

using tensor::Tensor;

// factor * (weight * (x + added) + bias), computed layer by layer.
std::vector<float> Direct(const std::vector<float>& weight, const std::vector<float>& bias,
                          const std::vector<float>& added, const std::vector<float>& factor,
                          const std::vector<float>& x) {
  std::vector<float> result;
  for (std::size_t o = 0; o < bias.size(); ++o) {
    float sum = bias[o];
    for (std::size_t i = 0; i < x.size(); ++i) sum += weight[o * x.size() + i] * (x[i] + added[i]);
    result.push_back(factor[o] * sum);
  }
  return result;
}

TEST(ImplicitTest, FoldedConvolutionIsTheThreeLayers) {
  const std::vector<float> weight = {1, -2, 3, 4, 5, -6};
  const std::vector<float> bias = {7, -8};
  const std::vector<float> added = {0.5F, 2, -1};
  const std::vector<float> factor = {2, -0.25F};
  Tensor tensor = Tensor::Of<float>({2, 3, 1, 1}, weight);
  const FoldedConv folded =
      Then(After(added, {{2, 3, 1, 1}, [tensor] { return tensor; }, bias}), {factor, {0, 0}});
  const Tensor kernel = folded.weight();
  const auto values = kernel.values<float>();
  for (const std::vector<float>& x :
       {std::vector<float>{0, 0, 0}, std::vector<float>{1, 2, 3}, std::vector<float>{-4, 8, 16}}) {
    std::vector<float> result = folded.bias;
    for (std::size_t o = 0; o < 2; ++o) {
      for (std::size_t i = 0; i < 3; ++i) result[o] += values[o * 3 + i] * x[i];
    }
    EXPECT_EQ(result, Direct(weight, bias, added, factor, x));
  }
}

}  // namespace
}  // namespace yoloport::nn
