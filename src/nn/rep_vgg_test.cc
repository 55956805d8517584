#include "nn/rep_vgg.h"

#include <gtest/gtest.h>

#include <numeric>
#include <optional>
#include <utility>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::nn {
namespace {

using tensor::Tensor;

FoldedConv Make(tensor::Shape shape, std::vector<float> weight, std::vector<float> bias) {
  Tensor tensor = Tensor::Of<float>(shape, std::move(weight));
  return {std::move(shape), [tensor] { return tensor; }, std::move(bias)};
}

std::vector<float> Values(const Tensor& tensor) {
  const auto values = tensor.values<float>();
  return {values.begin(), values.end()};
}

std::vector<float> Count(std::size_t count, float first) {
  std::vector<float> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

// Where the middle of the kernel from input `i` to output `o` lies, of `inputs` inputs.
std::size_t Middle(std::size_t o, std::size_t i, std::size_t inputs) {
  return (o * inputs + i) * 9 + 4;
}

TEST(RepVggTest, MergedKernelIsTheSumOfTheBranches) {
  const std::vector<float> dense = Count(2 * 2 * 9, -10);
  const std::vector<float> one = {1, 2, 3, 4};
  const ScaleShift identity = {{0.5F, -2}, {100, 200}};
  const FoldedConv merged = MergeRepVgg(Make({2, 2, 3, 3}, dense, {1, 2}),
                                        Make({2, 2, 1, 1}, one, {10, 20}), 0.25F, identity, 1);
  std::vector<float> expected = dense;
  for (std::size_t o = 0; o < 2; ++o) {
    for (std::size_t i = 0; i < 2; ++i) expected[Middle(o, i, 2)] += 0.25F * one[o * 2 + i];
    expected[Middle(o, o, 2)] += identity.scale[o];
  }
  EXPECT_EQ(merged.shape, (tensor::Shape{2, 2, 3, 3}));
  EXPECT_EQ(Values(merged.weight()), expected);
  EXPECT_EQ(merged.bias, (std::vector<float>{1 + 2.5F + 100, 2 + 5 + 200}));
}

TEST(RepVggTest, WithoutIdentityWidthAndStrideMayChange) {
  const FoldedConv merged = MergeRepVgg(Make({1, 2, 3, 3}, Count(18, 0), {1}),
                                        Make({1, 2, 1, 1}, {50, 60}, {2}), 1.0F, std::nullopt, 1);
  std::vector<float> expected = Count(18, 0);
  expected[Middle(0, 0, 2)] += 50;
  expected[Middle(0, 1, 2)] += 60;
  EXPECT_EQ(Values(merged.weight()), expected);
  EXPECT_EQ(merged.bias, std::vector<float>{3});
}

TEST(RepVggTest, IdentityStaysWithinItsGroup) {
  // Four channels in two groups of two: output 2 is input 0 of the second group.
  const FoldedConv merged = MergeRepVgg(Make({4, 2, 3, 3}, std::vector<float>(72, 0), {0, 0, 0, 0}),
                                        Make({4, 2, 1, 1}, std::vector<float>(8, 0), {0, 0, 0, 0}),
                                        1.0F, ScaleShift{{1, 2, 3, 4}, {0, 0, 0, 0}}, 2);
  std::vector<float> expected(72, 0);
  expected[Middle(0, 0, 2)] = 1;
  expected[Middle(1, 1, 2)] = 2;
  expected[Middle(2, 0, 2)] = 3;
  expected[Middle(3, 1, 2)] = 4;
  EXPECT_EQ(Values(merged.weight()), expected);
}

TEST(RepVggTest, AlphaWeighsThePointwiseBranchWhereTheSpecSaysSo) {
  const std::vector<float> dense = Count(9, 0);
  const auto middle = [&](bool use_alpha) {
    const checkpoint::Weights weights(checkpoint::Checkpoint::Open(
        test_support::TemporaryFile(
            test_support::TorchFloats({{"rbr_dense.conv.weight", {1, 1, 3, 3}, dense},
                                       {"rbr_dense.conv.bias", {1}, {1}},
                                       {"rbr_1x1.conv.weight", {1, 1, 1, 1}, {8}},
                                       {"rbr_1x1.conv.bias", {1}, {16}},
                                       {"alpha", {1}, {0.25F}}}))
            .path()));
    const RepVggSpec spec = {.out_channels = 1, .use_bn_first = false, .use_alpha = use_alpha};
    const FoldedConv conv = TakeRepVgg(weights, 1, spec, {.kind = NormKind::kNone});
    return std::pair(Values(conv.weight())[4], conv.bias[0]);
  };
  EXPECT_EQ(middle(true), (std::pair{4 + 0.25F * 8, 1 + 0.25F * 16}));
  EXPECT_EQ(middle(false), (std::pair{4.0F + 8, 1.0F + 16}));
}

// After switch_to_deploy, which leaves `alpha`, whatever the config says; and where the config says
// so of branches that are still there.
TEST(RepVggTest, WhatIsMergedAlreadyIsTakenAsItIs) {
  const std::vector<float> sum = Count(9, 3);
  const auto take = [](const std::vector<test_support::NamedFloats>& tensors, bool deploy) {
    const checkpoint::Weights weights(checkpoint::Checkpoint::Open(
        test_support::TemporaryFile(test_support::TorchFloats(tensors)).path()));
    const RepVggSpec spec = {.out_channels = 1, .use_alpha = true, .deploy = deploy};
    FoldedConv conv = TakeRepVgg(weights, 1, spec, {.kind = NormKind::kNone});
    weights.Finish();
    EXPECT_TRUE(weights.warnings().empty());
    return conv;
  };
  for (const bool deploy : {false, true}) {
    const FoldedConv conv = take({{"rbr_reparam.weight", {1, 1, 3, 3}, sum},
                                  {"rbr_reparam.bias", {1}, {7}},
                                  {"alpha", {1}, {0.25F}}},
                                 deploy);
    EXPECT_EQ(Values(conv.weight()), sum);
    EXPECT_EQ(conv.bias, std::vector<float>{7});
  }
}

}  // namespace
}  // namespace yoloport::nn
