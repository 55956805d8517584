#include "graph/passes/split_conv.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "graph/listing.h"
#include "graph/ops.h"
#include "graph/passes/test_convs.h"
#include "testing/check_pass.h"

namespace yoloport::graph::passes {
namespace {

using tensor::DType;
using test_support::CheckPass;

TEST(SplitConvTest, EachPartBecomesAConvolutionAndAnActivation) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("images", DType::kFloat32, {kDynamic, 3, 4, 4});
    const Value conv = MakeConv(x, 4, "m.conv", {0, 0, 1, -2}, 3, {.stride = 2, .padding = 1});
    std::vector<Value> parts;
    {
      const NameScope scope(graph, "m");
      const Value inner = Erf(conv * (1.0 / std::sqrt(2.0))) + 1.0;
      parts = Split(conv * inner * 0.5, 1, {2, 1, 1});
    }
    graph.Output(Relu(parts[0]), "a");
    graph.Output(parts[1] * parts[2], "b");
  };
  const test_support::PassListings listings = CheckPass(build, SplitConv);
  const std::string kGeometry =
      " dilations=[1,1] group=1 kernel_shape=[3,3] pads=[1,1,1,1] strides=[2,2]\n";
  EXPECT_EQ(listings.before,
            "opset 13\n"
            "input images: float32[?,3,4,4]\n"
            "m.conv: float32[?,4,2,2] = Conv(images, .weight:float32[4,3,3,3], .bias:float32[4])" +
                kGeometry +
                "m/Mul: float32[?,4,2,2] = Mul(m.conv, 0.70710677)\n"
                "m/Erf: float32[?,4,2,2] = Erf(m/Mul)\n"
                "m/Add: float32[?,4,2,2] = Add(m/Erf, 1.0)\n"
                "m/Mul_1: float32[?,4,2,2] = Mul(m.conv, m/Add)\n"
                "m/Mul_2: float32[?,4,2,2] = Mul(m/Mul_1, 0.5)\n"
                "m/Split: float32[?,2,2,2], m/Split.1: float32[?,1,2,2], m/Split.2: "
                "float32[?,1,2,2] = Split(m/Mul_2, [2,1,1]) axis=1\n"
                "a: float32[?,2,2,2] = Relu(m/Split)\n"
                "b: float32[?,1,2,2] = Mul(m/Split.1, m/Split.2)\n"
                "output a: float32[?,2,2,2]\n"
                "output b: float32[?,1,2,2]\n");
  EXPECT_EQ(listings.after,
            "opset 13\n"
            "input images: float32[?,3,4,4]\n"
            "m.conv.0: float32[?,2,2,2] = Conv(images, .weight:float32[2,3,3,3])" +
                kGeometry +
                "m/Mul: float32[?,2,2,2] = Mul(m.conv.0, 0.70710677)\n"
                "m/Erf: float32[?,2,2,2] = Erf(m/Mul)\n"
                "m/Add: float32[?,2,2,2] = Add(m/Erf, 1.0)\n"
                "m/Mul_1: float32[?,2,2,2] = Mul(m.conv.0, m/Add)\n"
                "m/Mul_2: float32[?,2,2,2] = Mul(m/Mul_1, 0.5)\n"
                "m.conv.1: float32[?,1,2,2] = Conv(images, .weight:float32[1,3,3,3], "
                ".bias:float32[1])" +
                kGeometry +
                "m/Mul_3: float32[?,1,2,2] = Mul(m.conv.1, 0.70710677)\n"
                "m/Erf_1: float32[?,1,2,2] = Erf(m/Mul_3)\n"
                "m/Add_1: float32[?,1,2,2] = Add(m/Erf_1, 1.0)\n"
                "m/Mul_4: float32[?,1,2,2] = Mul(m.conv.1, m/Add_1)\n"
                "m/Mul_5: float32[?,1,2,2] = Mul(m/Mul_4, 0.5)\n"
                "m.conv.2: float32[?,1,2,2] = Conv(images, .weight:float32[1,3,3,3], "
                ".bias:float32[1])" +
                kGeometry +
                "m/Mul_6: float32[?,1,2,2] = Mul(m.conv.2, 0.70710677)\n"
                "m/Erf_2: float32[?,1,2,2] = Erf(m/Mul_6)\n"
                "m/Add_2: float32[?,1,2,2] = Add(m/Erf_2, 1.0)\n"
                "m/Mul_7: float32[?,1,2,2] = Mul(m.conv.2, m/Add_2)\n"
                "m/Mul_8: float32[?,1,2,2] = Mul(m/Mul_7, 0.5)\n"
                "a: float32[?,2,2,2] = Relu(m/Mul_2)\n"
                "b: float32[?,1,2,2] = Mul(m/Mul_5, m/Mul_8)\n"
                "output a: float32[?,2,2,2]\n"
                "output b: float32[?,1,2,2]\n");
  Graph graph(13);
  build(graph);
  SplitConv(graph);
  EXPECT_EQ(ConstantNames(graph),
            (std::vector<std::string>{"m.conv.0.weight", "m.conv.1.weight", "m.conv.2.weight",
                                      "m.conv.1.bias", "m.conv.2.bias", "m/Constant",
                                      "m/Constant_1", "m/Constant_2"}));
}

TEST(SplitConvTest, ChainsMayFollowEachOther) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("images", DType::kFloat32, {1, 3, 4, 4});
    const std::vector<Value> first = Split(MakeConv(x, 4, "m.conv"), 1, {2, 2});
    const Value next = MakeConv(first[1], 2, "n.conv", {1, 2});
    const Value other = Sigmoid(x);  // between the nodes of a chain
    const std::vector<Value> second = Split(next * Sigmoid(next), 1, {1, 1});
    graph.Output(Concat({first[0], second[1], second[0], other}, 1), "y");
  };
  const std::string kGeometry =
      " dilations=[1,1] group=1 kernel_shape=[1,1] pads=[0,0,0,0] strides=[1,1]\n";
  EXPECT_EQ(CheckPass(build, SplitConv).after,
            "opset 13\n"
            "input images: float32[1,3,4,4]\n"
            "m.conv.0: float32[1,2,4,4] = Conv(images, .weight:float32[2,3,1,1])" +
                kGeometry + "m.conv.1: float32[1,2,4,4] = Conv(images, .weight:float32[2,3,1,1])" +
                kGeometry +
                "n.conv.0: float32[1,1,4,4] = Conv(m.conv.1, .weight:float32[1,2,1,1], "
                ".bias:float32[1])" +
                kGeometry +
                "Sigmoid_1: float32[1,1,4,4] = Sigmoid(n.conv.0)\n"
                "Mul: float32[1,1,4,4] = Mul(n.conv.0, Sigmoid_1)\n"
                "n.conv.1: float32[1,1,4,4] = Conv(m.conv.1, .weight:float32[1,2,1,1], "
                ".bias:float32[1])" +
                kGeometry +
                "Sigmoid_2: float32[1,1,4,4] = Sigmoid(n.conv.1)\n"
                "Mul_1: float32[1,1,4,4] = Mul(n.conv.1, Sigmoid_2)\n"
                "Sigmoid: float32[1,3,4,4] = Sigmoid(images)\n"
                "y: float32[1,7,4,4] = Concat(m.conv.0, Mul_1, Mul, Sigmoid) axis=1\n"
                "output y: float32[1,7,4,4]\n");
}

TEST(SplitConvTest, WhatAGraphWithinANodeReadsStays) {
  for (const bool is_part : {false, true}) {
    Graph graph(13);
    const Value conv = MakeConv(graph.Input("x", DType::kFloat32, {1, 2, 4, 4}), 4, "conv");
    const std::vector<Value> parts = Split(conv, 1, {2, 2});
    graph.Output(parts[0] * parts[1], "y");
    graph.mutable_nodes().back().captured = {is_part ? parts[0].id() : conv.id()};
    const std::string before = Listing(graph);
    SplitConv(graph);
    EXPECT_EQ(Listing(graph), before);
  }
}

TEST(SplitConvTest, WhatOthersReadOrIsNoActivationStays) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("images", DType::kFloat32, {1, 4, 4, 4});
    int count = 0;
    const auto split = [&](Value value, std::int64_t axis = 1) {
      const std::vector<Value> parts = Split(value, axis, {2, 2});
      graph.Output(parts[0] * parts[1], "y" + std::to_string(count++));
    };
    const Value read = MakeConv(x, 4, "read");
    split(Relu(read));
    graph.Output(Abs(read), "reader");
    const Value output = MakeConv(x, 4, "output");
    graph.Output(output, "output");
    split(Relu(output));
    const Value between = Relu(MakeConv(x, 4, "between"));
    split(between * Sigmoid(between));
    graph.Output(Abs(between), "reader_between");
    split(MakeConv(x, 4, "grouped", {}, 1, {.groups = 2}));
    split(MakeConv(x, 4, "rows"), 2);
    split(MakeConv(x, 4, "added") + x);
    split(MakeConv(x, 4, "sum") + MakeConv(x, 4, "sum_too"));
    split(MakeConv(x, 4, "per_channel") * Floats(graph, {4, 1, 1}, {1, 2, 3, 4}));
    split(GlobalAveragePool(MakeConv(x, 4, "pooled")));
    split(x);
    const std::vector<Value> parts = Split(MakeConv(x, 4, "result"), 1, {2, 2});
    graph.Output(parts[1], "part");
    const Value weight = MakeWeight(graph, {4, 4, 1, 1}, "weight");
    split(Conv(x, weight, {}, {}));
    split(Conv(Relu(x), weight, {}, {}));
  };
  const test_support::PassListings listings = CheckPass(build, SplitConv);
  EXPECT_EQ(listings.after, listings.before);
}

}  // namespace
}  // namespace yoloport::graph::passes
