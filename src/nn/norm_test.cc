#include "nn/norm.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "graph/ops.h"
#include "nn/conv_module.h"
#include "nn/rep_vgg.h"
#include "testing/error_of.h"
#include "testing/files/checkpoint_files.h"
#include "testing/run_graph.h"
#include "yoloport/error.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

constexpr std::size_t kPixels = 6;

Weights Checkpoint(const std::vector<test_support::NamedFloats>& tensors) {
  const test_support::TemporaryFile file(test_support::TorchFloats(tensors));
  return Weights(checkpoint::Checkpoint::Open(file.path()));
}

// Two images of four channels of 2 x 3 pixels.
std::vector<float> Numbers() {
  std::vector<float> numbers;
  for (int i = 0; i < 48; ++i) numbers.push_back(static_cast<float>((i * 7) % 11 - i % 3));
  return numbers;
}

// Runs `build` on Numbers(), with heights and widths that the graph knows, or not.
template <typename Build>
std::vector<float> Compute(const Build& build, bool is_dynamic) {
  graph::Graph graph(11);
  const Shape shape =
      is_dynamic ? Shape{graph::kDynamic, 4, graph::kDynamic, graph::kDynamic} : Shape{2, 4, 2, 3};
  const std::vector<std::string> names = {"batch", "", "height", "width"};
  graph.Output(build(graph.Input("x", DType::kFloat32, shape, names)), "y", names);
  const Tensor input = Tensor::Of<float>({2, 4, 2, 3}, Numbers());
  const Tensor result = test_support::RunGraph(graph, std::span(&input, 1))[0];
  return {result.values<float>().begin(), result.values<float>().end()};
}

// Groups of `size` channels, each less its mean and divided by its deviation.
std::vector<float> Normalized(std::vector<float> numbers, std::size_t size, double eps) {
  const std::size_t run = size * kPixels;
  for (std::size_t begin = 0; begin < numbers.size(); begin += run) {
    double sum = 0;
    double squares = 0;
    for (std::size_t i = begin; i < begin + run; ++i) sum += numbers[i];
    const double mean = sum / static_cast<double>(run);
    for (std::size_t i = begin; i < begin + run; ++i) squares += std::pow(numbers[i] - mean, 2);
    const double deviation = std::sqrt(squares / static_cast<double>(run) + eps);
    for (std::size_t i = begin; i < begin + run; ++i) {
      numbers[i] = static_cast<float>((numbers[i] - mean) / deviation);
    }
  }
  return numbers;
}

std::vector<float> Affine(std::vector<float> numbers, const std::vector<float>& weight,
                          const std::vector<float>& bias) {
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const std::size_t channel = i / kPixels % 4;
    numbers[i] = numbers[i] * weight[channel] + bias[channel];
  }
  return numbers;
}

void ExpectNear(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) EXPECT_NEAR(actual[i], expected[i], 1e-4) << i;
}

const std::vector<float> kWeight = {1, -2, 0.5F, 3};
const std::vector<float> kBias = {0, 10, -1, 2};

TEST(NormTest, GroupNormIsItsFormula) {
  const NormSpec norm = {.kind = NormKind::kGroup, .eps = 0.25, .num_groups = 2};
  for (const bool is_dynamic : {false, true}) {
    const Weights w = Checkpoint({{"gn.weight", {4}, kWeight}, {"gn.bias", {4}, kBias}});
    const auto actual =
        Compute([&](graph::Value x) { return Normalize(w["gn"], x, norm); }, is_dynamic);
    ExpectNear(actual, Affine(Normalized(Numbers(), 2, 0.25), kWeight, kBias));
    w.Finish();
  }
}

TEST(NormTest, InstanceNormIsOfEachChannel) {
  const NormSpec norm = {.kind = NormKind::kInstance, .eps = 0.25};
  const Weights w = Checkpoint({{"in.weight", {4}, kWeight}, {"in.bias", {4}, kBias}});
  const auto actual = Compute([&](graph::Value x) { return Normalize(w["in"], x, norm); }, false);
  ExpectNear(actual, Affine(Normalized(Numbers(), 1, 0.25), kWeight, kBias));
  w.Finish();
}

TEST(NormTest, WithoutAffineNothingIsTaken) {
  const Weights w = Checkpoint({{"other", {1}, {0}}});
  for (const NormKind kind : {NormKind::kInstance, NormKind::kGroup}) {
    const NormSpec norm = {.kind = kind, .affine = false, .num_groups = 4};
    const auto actual = Compute([&](graph::Value x) { return Normalize(w["x"], x, norm); }, false);
    ExpectNear(actual, Normalized(Numbers(), 1, 1e-5));
  }
  w.Finish();
}

TEST(NormTest, GroupsMustDivideTheChannels) {
  const NormSpec norm = {.kind = NormKind::kGroup, .num_groups = 3};
  const Weights w = Checkpoint({{"other", {1}, {0}}});
  EXPECT_EQ(test_support::MessageOf<ModelError>([&] {
              graph::Graph graph(11);
              Normalize(w["neck"]["gn"], graph.Input("x", DType::kFloat32, {1, 4, 2, 3}), norm);
            }),
            "'neck.gn': 4 channels cannot be normalized in 3 groups: they must be a multiple of "
            "num_groups");
}

// A convolution of one channel by 2, a norm behind it, and an activation.
TEST(NormTest, AConvModuleNormalizesBeforeItActivates) {
  const Weights w = Checkpoint({{"conv.weight", {4, 1, 1, 1}, {2, 2, 2, 2}},
                                {"gn.weight", {4}, kWeight},
                                {"gn.bias", {4}, kBias}});
  const Style style = {{.kind = NormKind::kGroup, .eps = 0.25, .name = "gn", .num_groups = 2},
                       {ActivationKind::kRelu}};
  const auto actual = Compute(
      [&](graph::Value x) { return ConvModule(w, x, {.out_channels = 4, .groups = 4}, style); },
      false);
  std::vector<float> expected = Numbers();
  for (float& number : expected) number *= 2;
  expected = Affine(Normalized(std::move(expected), 2, 0.25), kWeight, kBias);
  for (float& number : expected) number = std::max(number, 0.0F);
  ExpectNear(actual, expected);
  w.Finish();
}

// 3 x 3 kernels of which only the middle counts, so that all three branches are products.
TEST(NormTest, ARepVggBlockWhoseNormsDoNotFoldIsTheSumOfItsBranches) {
  std::vector<float> dense(36, 0.0F);
  for (std::size_t i = 4; i < dense.size(); i += 9) dense[i] = 3;
  const Weights w = Checkpoint({{"rbr_dense.conv.weight", {4, 1, 3, 3}, dense},
                                {"rbr_1x1.conv.weight", {4, 1, 1, 1}, {-1, -1, -1, -1}},
                                {"rbr_identity.weight", {4}, kWeight},
                                {"rbr_identity.bias", {4}, kBias},
                                {"rbr_dense.gn.weight", {4}, kWeight},
                                {"rbr_dense.gn.bias", {4}, kBias},
                                {"rbr_1x1.gn.weight", {4}, kBias},
                                {"rbr_1x1.gn.bias", {4}, kWeight},
                                {"alpha", {1}, {0.5F}}});
  const Style style = {{.kind = NormKind::kGroup, .eps = 0, .name = "gn", .num_groups = 1},
                       {ActivationKind::kNone}};
  const auto actual = Compute(
      [&](graph::Value x) {
        return RepVggBlock(w, x, {.out_channels = 4, .groups = 4, .use_alpha = true}, style);
      },
      false);
  const std::vector<float> plain = Normalized(Numbers(), 4, 0);
  std::vector<float> negative = plain;
  for (float& number : negative) number = -number;
  std::vector<float> expected = Affine(plain, kWeight, kBias);  // dense, and again the identity
  const std::vector<float> one = Affine(negative, kBias, kWeight);
  for (std::size_t i = 0; i < expected.size(); ++i) expected[i] = 2 * expected[i] + one[i] / 2;
  ExpectNear(actual, expected);
  w.Finish();
}

}  // namespace
}  // namespace yoloport::nn
