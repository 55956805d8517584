#include "graph/passes/fold_normalization.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "graph/ops.h"
#include "testing/check_pass.h"

namespace yoloport::graph::passes {
namespace {

using test_support::PassListings;

tensor::Tensor Weight() {
  std::vector<float> values(4 * 3 * 3 * 3);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::cos(static_cast<float>(i));
  return tensor::Tensor::Of<float>({4, 3, 3, 3}, std::move(values));
}

Value Convolve(Value x, const std::string& name) {
  const Value weight = x.graph().Constant(LazyTensor{tensor::DType::kFloat32, {4, 3, 3, 3}, Weight},
                                          name + ".weight");
  return Conv(x, weight, {}, {.padding = 1}, name);
}

// (images - mean) / std, red and blue swapped.
Normalization Normalize(Graph& graph) {
  Normalization normalization;
  normalization.std = {2, 3, 4};
  normalization.swaps_channels = true;
  const Value pixels = graph.Input("images", tensor::DType::kFloat32, {1, 3, 8, 8});
  normalization.centered = pixels - Floats(graph, {3, 1, 1}, {0.5F, 0.25F, 1});
  const Value divided = normalization.centered / Floats(graph, {3, 1, 1}, {2, 3, 4});
  normalization.image = Gather(divided, Int64s(graph, {2, 1, 0}), 1);
  return normalization;
}

// `read` builds the network on the image.
PassListings Check(const std::function<void(Graph&, Value)>& read) {
  std::map<Graph*, Normalization> made;
  return test_support::CheckPass(
      [&](Graph& graph) {
        made[&graph] = Normalize(graph);
        read(graph, made[&graph].image);
      },
      [&](Graph& graph) { FoldNormalization(graph, made[&graph]); }, 1e-5F);
}

TEST(FoldNormalizationTest, ConvolutionsDivideAndSwap) {
  const PassListings listings = Check([](Graph& graph, Value image) {
    const Value a = Convolve(image, "a");
    graph.Output(a + Convolve(image, "b"), "y");
  });
  const auto text = [](const char* read) {
    const std::string attributes =
        ") dilations=[1,1] group=1 kernel_shape=[3,3] pads=[1,1,1,1] strides=[1,1]\n";
    return "opset 13\n"
           "input images: float32[1,3,8,8]\n"
           "Sub: float32[1,3,8,8] = Sub(images, [[[0.5]],[[0.25]],[[1.0]]])\n"
           "Div: float32[1,3,8,8] = Div(Sub, [[[2.0]],[[3.0]],[[4.0]]])\n"
           "Gather: float32[1,3,8,8] = Gather(Div, [2,1,0]) axis=1\n"
           "a: float32[1,4,8,8] = Conv(" +
           std::string(read) + ", .weight:float32[4,3,3,3]" + attributes +
           "b: float32[1,4,8,8] = Conv(" + read + ", .weight:float32[4,3,3,3]" + attributes +
           "y: float32[1,4,8,8] = Add(a, b)\n"
           "output y: float32[1,4,8,8]\n";
  };
  EXPECT_EQ(listings.before, text("Gather"));
  EXPECT_EQ(listings.after, text("Sub"));  // what nobody reads is left to RemoveUnused()
}

TEST(FoldNormalizationTest, WhatElseReadsTheImageKeepsItAsItIs) {
  const PassListings listings = Check([](Graph& graph, Value image) {
    graph.Output(Convolve(image, "a"), "y");
    graph.Output(Relu(image), "z");
  });
  EXPECT_EQ(listings.after, listings.before);
}

// Files that were read may hold their weights in memory, share them and convolve in groups.
TEST(FoldNormalizationTest, WeightsThatCannotChangeKeepTheImageAsItIs) {
  const PassListings shared = Check([](Graph& graph, Value image) {
    const Value a = Convolve(image, "a");
    const int weight = graph.nodes().back().inputs[1];
    graph.Output(a, "y");
    graph.Output(Relu(graph.Handle(weight)), "z");
  });
  EXPECT_EQ(shared.after, shared.before);
  const PassListings grouped = Check([](Graph& graph, Value image) {
    std::vector<float> ones(3 * 3 * 3, 1);
    const Value weight = Floats(graph, {3, 1, 3, 3}, std::move(ones));
    graph.Output(Conv(image, weight, {}, {.padding = 1, .groups = 3}), "y");
  });
  EXPECT_EQ(grouped.after, grouped.before);
}

TEST(FoldNormalizationTest, WeightsInMemoryChangeAsWell) {
  const PassListings listings = Check([](Graph& graph, Value image) {
    graph.Output(Conv(image, graph.Constant(Weight()), {}, {.padding = 1}, "a"), "y");
  });
  EXPECT_NE(listings.after, listings.before);  // Check() compares what both compute
}

}  // namespace
}  // namespace yoloport::graph::passes
