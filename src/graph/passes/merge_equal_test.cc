#include "graph/passes/merge_equal.h"

#include <gtest/gtest.h>

#include "graph/ops.h"
#include "testing/check_pass.h"

namespace yoloport::graph::passes {
namespace {

using tensor::DType;
using test_support::CheckPass;

TEST(MergeEqualTest, NodesThatComputeTheSameBecomeTheFirst) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("images", DType::kFloat32, {kDynamic, 3, 8, 8});
    const Value once = Clip(x, 0, 6) * Floats(graph, {1}, {2});
    const Value again = Clip(x, 0, 6) * Floats(graph, {1}, {2});
    const Value other = Clip(x, 0, 7) * Floats(graph, {1}, {2});
    graph.Output(Concat({once, again, other}, 1), "y");
  };
  const test_support::PassListings listings = CheckPass(build, MergeEqual);
  EXPECT_EQ(listings.before,
            "opset 13\n"
            "input images: float32[?,3,8,8]\n"
            "Clip: float32[?,3,8,8] = Clip(images, 0.0, 6.0)\n"
            "Mul: float32[?,3,8,8] = Mul(Clip, [2.0])\n"
            "Clip_1: float32[?,3,8,8] = Clip(images, 0.0, 6.0)\n"
            "Mul_1: float32[?,3,8,8] = Mul(Clip_1, [2.0])\n"
            "Clip_2: float32[?,3,8,8] = Clip(images, 0.0, 7.0)\n"
            "Mul_2: float32[?,3,8,8] = Mul(Clip_2, [2.0])\n"
            "y: float32[?,9,8,8] = Concat(Mul, Mul_1, Mul_2) axis=1\n"
            "output y: float32[?,9,8,8]\n");
  EXPECT_EQ(listings.after,  // what nobody reads is not its business
            "opset 13\n"
            "input images: float32[?,3,8,8]\n"
            "Clip: float32[?,3,8,8] = Clip(images, 0.0, 6.0)\n"
            "Mul: float32[?,3,8,8] = Mul(Clip, [2.0])\n"
            "Clip_1: float32[?,3,8,8] = Clip(images, 0.0, 6.0)\n"
            "Mul_1: float32[?,3,8,8] = Mul(Clip, [2.0])\n"
            "Clip_2: float32[?,3,8,8] = Clip(images, 0.0, 7.0)\n"
            "Mul_2: float32[?,3,8,8] = Mul(Clip_2, [2.0])\n"
            "y: float32[?,9,8,8] = Concat(Mul, Mul, Mul_2) axis=1\n"
            "output y: float32[?,9,8,8]\n");
}

TEST(MergeEqualTest, EqualOutputsStayApart) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("images", DType::kFloat32, {1, 2});
    graph.Output(Relu(x), "a");
    graph.Output(Relu(x), "b");
    graph.Output(Sigmoid(Relu(x)), "c");
  };
  const test_support::PassListings listings = CheckPass(build, MergeEqual);
  EXPECT_EQ(listings.after, listings.before);
  EXPECT_EQ(listings.after,
            "opset 13\n"
            "input images: float32[1,2]\n"
            "a: float32[1,2] = Relu(images)\n"
            "b: float32[1,2] = Relu(images)\n"
            "Relu_2: float32[1,2] = Relu(images)\n"
            "c: float32[1,2] = Sigmoid(Relu_2)\n"
            "output a: float32[1,2]\n"
            "output b: float32[1,2]\n"
            "output c: float32[1,2]\n");
}

TEST(MergeEqualTest, ConstantsThatHaveNamesStayApart) {
  const auto build = [](Graph& graph) {
    const auto half = [&](std::string name) {
      return graph.Constant(tensor::Tensor::Scalar(0.5F), std::move(name));
    };
    Value y = graph.Input("images", DType::kFloat32, {1, 2});
    for (const char* name : {"iou", "score", "", ""}) y = Relu(y) * half(name);
    graph.Output(y, "y");
  };
  EXPECT_EQ(CheckPass(build, MergeEqual).after,
            "opset 13\n"
            "input images: float32[1,2]\n"
            "Relu: float32[1,2] = Relu(images)\n"
            "Mul: float32[1,2] = Mul(Relu, iou:0.5)\n"
            "Relu_1: float32[1,2] = Relu(Mul)\n"
            "Mul_1: float32[1,2] = Mul(Relu_1, score:0.5)\n"
            "Relu_2: float32[1,2] = Relu(Mul_1)\n"
            "Mul_2: float32[1,2] = Mul(Relu_2, 0.5)\n"
            "Relu_3: float32[1,2] = Relu(Mul_2)\n"
            "y: float32[1,2] = Mul(Relu_3, 0.5)\n"
            "output y: float32[1,2]\n");
  Graph graph(13);
  build(graph);
  MergeEqual(graph);
  const auto& nodes = graph.nodes();
  EXPECT_NE(nodes[1].inputs[1], nodes[3].inputs[1]);
  EXPECT_EQ(nodes[5].inputs[1], nodes[7].inputs[1]);
}

}  // namespace
}  // namespace yoloport::graph::passes
