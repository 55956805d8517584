#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "graph/graph.h"
#include "graph/ops.h"

namespace yoloport::graph {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Value Input(Graph& graph, const char* name, std::int64_t channels, std::int64_t height = 8) {
  return graph.Input(name, DType::kFloat32, {1, channels, height, 8});
}

// Elements 0, 1, 2 ..
Value Counting(Graph& graph, const Shape& shape, const char* name) {
  return graph.Constant(
      LazyTensor{DType::kFloat32, shape,
                 [shape] {
                   std::vector<float> values(static_cast<std::size_t>(ElementCount(shape)));
                   std::iota(values.begin(), values.end(), 0.0F);
                   return Tensor::Of<float>(shape, std::move(values));
                 }},
      name);
}

std::vector<float> Elements(const Graph& graph, const std::string& name) {
  for (const int id : graph.constants()) {
    if (graph.value(id).name != name) continue;
    const Tensor tensor = std::get<LazyTensor>(graph.value(id).constant).make();
    EXPECT_EQ(tensor.shape(), graph.value(id).shape);
    return {tensor.values<float>().begin(), tensor.values<float>().end()};
  }
  ADD_FAILURE() << "there is no constant " << name;
  return {};
}

std::vector<std::string> Operators(const Graph& graph) {
  std::vector<std::string> ops;
  for (const Node& node : graph.nodes()) ops.push_back(node.op);
  return ops;
}

TEST(SplitConvsTest, AConvolutionOfTwoJoinedMapsBecomesASum) {
  Graph graph(11);
  const Value joined = Concat({Input(graph, "a", 2), Input(graph, "b", 1)}, 1);
  const Value bias = graph.Constant(Tensor::Of<float>({2}, {5, 6}), "conv.bias");
  const Value y = Conv(joined, Counting(graph, {2, 3, 1, 1}, "conv.weight"), bias, {}, "conv");
  graph.Output(Relu(y), "out");
  graph.SplitConvsOfJoinedMaps();
  graph.Prune();
  EXPECT_EQ(Operators(graph), (std::vector<std::string>{"Conv", "Conv", "Add", "Relu"}));
  EXPECT_THAT(Elements(graph, "conv.first.weight"), ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(Elements(graph, "conv.second.weight"), ElementsAre(2, 5));
  const std::string text = ToText(graph);
  EXPECT_THAT(text, HasSubstr("= Conv(a, conv.first.weight:float32[2,2,1,1]) "));
  EXPECT_THAT(text, HasSubstr("= Conv(b, conv.second.weight:float32[2,1,1,1], [5"));
  EXPECT_THAT(text, HasSubstr("conv: float32[1,2,8,8] = Add(conv.second, conv.first)"));
}

TEST(SplitConvsTest, KernelsAreSplitWhole) {
  Graph graph(11);
  const Value joined = Concat({Input(graph, "a", 1), Input(graph, "b", 1)}, 1);
  const ConvSpec wide = {.stride = 2, .padding = 1};
  graph.Output(Conv(joined, Counting(graph, {1, 2, 3, 3}, "x.weight"), {}, wide, "x"), "out");
  graph.SplitConvsOfJoinedMaps();
  graph.Prune();
  EXPECT_EQ(Operators(graph), (std::vector<std::string>{"Conv", "Conv", "Add"}));
  EXPECT_THAT(Elements(graph, "x.second.weight"), ElementsAre(9, 10, 11, 12, 13, 14, 15, 16, 17));
}

TEST(SplitConvsTest, WhatOthersReadStaysJoined) {
  Graph graph(11);
  const auto unchanged = [&](const char* why) {
    const std::string before = ToText(graph);
    graph.SplitConvsOfJoinedMaps();
    EXPECT_EQ(ToText(graph), before) << why;
  };
  const Value weight = Counting(graph, {2, 2, 1, 1}, "weight");
  const Value a = Input(graph, "a", 1);
  const Value b = Input(graph, "b", 1);
  Relu(Conv(Concat({a, Input(graph, "c", 1)}, 1), Counting(graph, {2, 1, 1, 1}, "grouped"), {},
            {.groups = 2}));
  unchanged("groups");
  Conv(Concat({a, b}, 2), Counting(graph, {2, 1, 1, 1}, "rows"), {}, {});
  unchanged("joined rows");
  const Value pooled = Concat({b, a}, 1);
  Conv(pooled, weight, {}, {});
  Sigmoid(pooled);
  unchanged("another reader");
  const Value shared = Concat({a, Relu(b)}, 1);
  Conv(shared, weight, {}, {});
  Conv(shared, weight, {}, {.stride = 2});
  unchanged("two convolutions, which would each add");
  const Value out = Concat({Relu(a), b}, 1);
  Conv(out, weight, {}, {});
  graph.Output(out, "out");
  unchanged("an output");
  Conv(Concat({a, b, Sigmoid(a)}, 1), Counting(graph, {2, 3, 1, 1}, "three"), {}, {});
  unchanged("three maps");
}

}  // namespace
}  // namespace yoloport::graph
