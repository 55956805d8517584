#include "nn/style.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <vector>

#include "graph/ops.h"
#include "graph/passes/split_conv.h"
#include "testing/files/checkpoint_files.h"
#include "testing/run_graph.h"

namespace yoloport::nn {
namespace {

using tensor::DType;
using tensor::Tensor;

// A checkpoint that holds the slopes of a PReLU.
checkpoint::Weights Slopes(const std::vector<float>& slopes) {
  const test_support::TemporaryFile file(test_support::TorchFloats(
      {{"act.weight", {static_cast<std::int64_t>(slopes.size())}, slopes}}));
  return checkpoint::Weights(checkpoint::Checkpoint::Open(file.path()))["act"];
}

const std::vector<float> kNumbers = {-7, -3, -2.5F, -1, -0.5F, 0, 0.25F, 1, 2, 3.5F, 6, 8};

// What ONNX Runtime makes of kNumbers, which are two channels of six.
std::vector<float> Compute(const Activation& act, const std::vector<float>& slopes = {}) {
  graph::Graph graph(11);
  const graph::Value x = graph.Input("x", DType::kFloat32, {1, 2, 2, 3});
  graph.Output(Activate(Slopes(slopes), x, act), "y");
  const Tensor input = Tensor::Of<float>({1, 2, 2, 3}, kNumbers);
  const Tensor result = test_support::RunGraph(graph, std::span(&input, 1))[0];
  return {result.values<float>().begin(), result.values<float>().end()};
}

void ExpectFormula(const Activation& act, const std::function<double(double)>& formula) {
  const std::vector<float> actual = Compute(act);
  for (std::size_t i = 0; i < kNumbers.size(); ++i) {
    EXPECT_NEAR(actual[i], formula(kNumbers[i]), 1e-6 * std::max(1.0F, std::abs(kNumbers[i])))
        << "of " << kNumbers[i];
  }
}

// By torch's documentation of each.
TEST(StyleTest, ActivationsAreTheirFormulas) {
  const auto relu6 = [](double x) { return std::clamp(x, 0.0, 6.0); };
  ExpectFormula({ActivationKind::kNone}, [](double x) { return x; });
  ExpectFormula({ActivationKind::kRelu}, [](double x) { return std::max(x, 0.0); });
  ExpectFormula({.kind = ActivationKind::kLeakyRelu, .slope = 0.1},
                [](double x) { return x < 0 ? 0.1 * x : x; });
  ExpectFormula({.kind = ActivationKind::kElu, .slope = 0.5},
                [](double x) { return x < 0 ? 0.5 * (std::exp(x) - 1) : x; });
  ExpectFormula({.kind = ActivationKind::kClip, .low = -2, .high = 3},
                [](double x) { return std::clamp(x, -2.0, 3.0); });
  ExpectFormula({ActivationKind::kSilu}, [](double x) { return x / (1 + std::exp(-x)); });
  ExpectFormula({ActivationKind::kHardSigmoid}, [&](double x) { return relu6(x + 3) / 6; });
  ExpectFormula({.kind = ActivationKind::kHardSigmoid,
                 .low = 0.25,
                 .high = 0.75,
                 .alpha = 0.5,
                 .beta = 0.125},
                [](double x) { return std::clamp(0.5 * x + 0.125, 0.25, 0.75); });
  ExpectFormula({ActivationKind::kHardSwish}, [&](double x) { return x * relu6(x + 3) / 6; });
  ExpectFormula({ActivationKind::kTanh}, [](double x) { return std::tanh(x); });
  ExpectFormula({ActivationKind::kGelu},
                [](double x) { return x * 0.5 * (1 + std::erf(x / std::numbers::sqrt2)); });
  ExpectFormula({ActivationKind::kGeluTanh}, [](double x) {
    const double inner = std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
    return 0.5 * x * (1 + std::tanh(inner));
  });
  ExpectFormula({ActivationKind::kMish},
                [](double x) { return x * std::tanh(std::log1p(std::exp(x))); });
}

TEST(StyleTest, PreluTakesItsSlopes) {
  const auto expect = [](const std::vector<float>& slopes, float first, float second) {
    std::vector<float> expected = kNumbers;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      if (expected[i] < 0) expected[i] *= i < 6 ? first : second;
    }
    const auto count = static_cast<std::int64_t>(slopes.size());
    EXPECT_EQ(Compute({.kind = ActivationKind::kPrelu, .num_parameters = count}, slopes), expected);
  };
  expect({0.25F}, 0.25F, 0.25F);
  expect({0.5F, -2}, 0.5F, -2);
}

// The blocks of YOLOv8 split what comes out of an activation.
TEST(StyleTest, EveryActivationIsSplitWithItsConvolution) {
  for (int kind = 0; kind <= static_cast<int>(ActivationKind::kMish); ++kind) {
    graph::Graph graph(13);
    const graph::Value x = graph.Input("images", DType::kFloat32, {1, 2, 4, 4});
    const auto make = [] { return Tensor::Of<float>({2, 2, 1, 1}, {1, 2, 3, 4}); };
    const graph::Value weight = graph.Constant({DType::kFloat32, {2, 2, 1, 1}, make}, "weight");
    const graph::Value conv = graph::Conv(x, weight, {}, {}, "conv");
    const graph::Value y =
        Activate(Slopes({0.5F}), conv, {.kind = static_cast<ActivationKind>(kind)});
    const std::vector<graph::Value> parts = graph::Split(y, 1, {1, 1});
    graph.Output(parts[0] + parts[1], "sum");
    graph::passes::SplitConv(graph);
    int convolutions = 0;
    for (const graph::Node& node : graph.nodes()) {
      EXPECT_NE(node.op, "Split") << "activation " << kind;
      convolutions += node.op == "Conv" ? 1 : 0;
    }
    EXPECT_EQ(convolutions, 2) << "activation " << kind;
  }
}

}  // namespace
}  // namespace yoloport::nn
