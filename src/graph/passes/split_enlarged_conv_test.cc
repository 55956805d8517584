#include "graph/passes/split_enlarged_conv.h"

#include <gtest/gtest.h>

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

constexpr float kTolerance = 1e-4F;  // the sum is added up in another order

const std::string kConv =
    " dilations=[1,1] group=1 kernel_shape=[1,1] pads=[0,0,0,0] strides=[1,1]\n";
const std::string kTwice =
    ", -, [1.0,1.0,2.0,2.0]) coordinate_transformation_mode=\"asymmetric\" cubic_coeff_a=-0.75 "
    "mode=\"nearest\" nearest_mode=\"floor\"\n";

TEST(SplitEnlargedConvTest, EnlargedChannelsAreConvolvedBefore) {
  const auto build = [](Graph& graph) {
    const Value coarse = graph.Input("coarse", DType::kFloat32, {kDynamic, 2, 4, 4});
    const Value fine = graph.Input("fine", DType::kFloat32, {kDynamic, 3, 8, 8});
    const Value joined = Concat({fine, Upsample(coarse, 2)}, 1);
    graph.Output(Relu(MakeConv(joined, 2, "m.conv", {1, -2})), "y");
    graph.Output(Relu(joined), "joined");
  };
  const test_support::PassListings listings = CheckPass(build, SplitEnlargedConv, kTolerance);
  EXPECT_EQ(listings.before,
            "opset 13\n"
            "input coarse: float32[?,2,4,4]\n"
            "input fine: float32[?,3,8,8]\n"
            "Resize: float32[?,2,8,8] = Resize(coarse" +
                kTwice +
                "Concat: float32[?,5,8,8] = Concat(fine, Resize) axis=1\n"
                "m.conv: float32[?,2,8,8] = Conv(Concat, .weight:float32[2,5,1,1], "
                ".bias:float32[2])" +
                kConv +
                "y: float32[?,2,8,8] = Relu(m.conv)\n"
                "joined: float32[?,5,8,8] = Relu(Concat)\n"
                "output y: float32[?,2,8,8]\n"
                "output joined: float32[?,5,8,8]\n");
  EXPECT_EQ(listings.after,
            "opset 13\n"
            "input coarse: float32[?,2,4,4]\n"
            "input fine: float32[?,3,8,8]\n"
            "Resize: float32[?,2,8,8] = Resize(coarse" +
                kTwice +
                "Concat: float32[?,5,8,8] = Concat(fine, Resize) axis=1\n"
                "m.conv.coarse: float32[?,2,4,4] = Conv(coarse, .weight:float32[2,2,1,1])" +
                kConv + "m/Resize: float32[m.conv/batch,2,8,8] = Resize(m.conv.coarse" + kTwice +
                "m.conv: float32[m.conv/batch,2,8,8] = Conv(fine, .weight:float32[2,3,1,1], "
                ".bias:float32[2])" +
                kConv +
                "m/Add: float32[?,2,8,8] = Add(m.conv, m/Resize)\n"
                "y: float32[?,2,8,8] = Relu(m/Add)\n"
                "joined: float32[?,5,8,8] = Relu(Concat)\n"
                "output y: float32[?,2,8,8]\n"
                "output joined: float32[?,5,8,8]\n");
}

TEST(SplitEnlargedConvTest, OthersStayJoined) {
  const auto build = [](Graph& graph) {
    const Value coarse = graph.Input("coarse", DType::kFloat32, {1, 2, 4, 4});
    const Value fine = graph.Input("fine", DType::kFloat32, {1, 3, 8, 8});
    const Value joined = Concat({fine, Upsample(coarse, 2), fine, Upsample(Relu(coarse), 2)}, 1);
    const Value first = MakeConv(joined, 1, "m.conv.0", {1});
    const Value second = MakeConv(joined, 1, "m.conv.1");
    graph.Output(Relu(first), "first");
    graph.Output(Relu(second), "second");
  };
  EXPECT_EQ(CheckPass(build, SplitEnlargedConv, kTolerance).after,
            "opset 13\n"
            "input coarse: float32[1,2,4,4]\n"
            "input fine: float32[1,3,8,8]\n"
            "Resize: float32[1,2,8,8] = Resize(coarse" +
                kTwice +
                "Relu: float32[1,2,4,4] = Relu(coarse)\n"
                "Resize_1: float32[1,2,8,8] = Resize(Relu" +
                kTwice +
                "Concat: float32[1,10,8,8] = Concat(fine, Resize, fine, Resize_1) axis=1\n"
                "m.conv.0.coarse: float32[1,1,4,4] = Conv(coarse, .weight:float32[1,2,1,1])" +
                kConv + "m/Resize: float32[1,1,8,8] = Resize(m.conv.0.coarse" + kTwice +
                "m/Concat: float32[1,8,8,8] = Concat(fine, fine, Resize_1) axis=1\n"
                "m.conv.0: float32[1,1,8,8] = Conv(m/Concat, .weight:float32[1,8,1,1], "
                ".bias:float32[1])" +
                kConv +
                "m/Add: float32[1,1,8,8] = Add(m.conv.0, m/Resize)\n"
                "m.conv.1.coarse: float32[1,1,4,4] = Conv(coarse, .weight:float32[1,2,1,1])" +
                kConv + "m/Resize_1: float32[1,1,8,8] = Resize(m.conv.1.coarse" + kTwice +
                "m/Concat_1: float32[1,8,8,8] = Concat(fine, fine, Resize_1) axis=1\n"
                "m.conv.1: float32[1,1,8,8] = Conv(m/Concat_1, .weight:float32[1,8,1,1])" +
                kConv +
                "m/Add_1: float32[1,1,8,8] = Add(m.conv.1, m/Resize_1)\n"
                "first: float32[1,1,8,8] = Relu(m/Add)\n"
                "second: float32[1,1,8,8] = Relu(m/Add_1)\n"
                "output first: float32[1,1,8,8]\n"
                "output second: float32[1,1,8,8]\n");
  Graph graph(13);
  build(graph);
  SplitEnlargedConv(graph);
  EXPECT_EQ(ConstantNames(graph),
            (std::vector<std::string>{"Constant", "Constant_1", "m.conv.0.coarse.weight",
                                      "m.conv.0.weight", "m.conv.0.bias", "m.conv.1.coarse.weight",
                                      "m.conv.1.weight"}));
}

TEST(SplitEnlargedConvTest, WhatAGraphWithinANodeReadsStays) {
  Graph graph(13);
  const Value coarse = graph.Input("coarse", DType::kFloat32, {1, 2, 4, 4});
  const Value conv = MakeConv(Concat({Upsample(coarse, 2), Upsample(coarse, 2)}, 1), 2, "conv");
  graph.Output(Relu(conv), "y");
  graph.mutable_nodes().back().captured = {conv.id()};
  const std::string before = Listing(graph);
  SplitEnlargedConv(graph);
  EXPECT_EQ(Listing(graph), before);
}

TEST(SplitEnlargedConvTest, WhatSeesNeighborsOrRowsOrIsReadByNameStays) {
  const auto build = [](Graph& graph) {
    const Value coarse = graph.Input("coarse", DType::kFloat32, {1, 2, 4, 4});
    const Value fine = graph.Input("fine", DType::kFloat32, {1, 2, 8, 8});
    const Value joined = Concat({fine, Upsample(coarse, 2)}, 1);
    const Value rows = Concat({Upsample(coarse, 2), Upsample(coarse, 2)}, 2);
    graph.Output(Relu(MakeConv(joined, 2, "wide", {}, 3, {.padding = 1})), "of_wide");
    graph.Output(Relu(MakeConv(joined, 2, "padded", {}, 1, {.padding = 1})), "of_padded");
    graph.Output(Relu(MakeConv(joined, 2, "strided", {}, 1, {.stride = 2})), "of_strided");
    graph.Output(Relu(MakeConv(joined, 2, "grouped", {}, 1, {.groups = 2})), "of_grouped");
    graph.Output(Relu(MakeConv(Upsample(coarse, 2), 2, "alone")), "of_alone");
    graph.Output(Relu(MakeConv(fine, 2, "plain")), "of_plain");
    graph.Output(Relu(MakeConv(rows, 2, "rows")), "of_rows");
    graph.Output(MakeConv(joined, 2, "output"), "is_output");
    const Value weight = MakeWeight(graph, {2, 4, 1, 1}, "weight");
    const Value shared = Conv(joined, weight, {}, {}) + Conv(Relu(joined), weight, {}, {});
    graph.Output(shared, "of_shared");
  };
  const test_support::PassListings listings = CheckPass(build, SplitEnlargedConv);
  EXPECT_EQ(listings.after, listings.before);
}

}  // namespace
}  // namespace yoloport::graph::passes
