#include "graph/passes/simplify.h"

#include <gtest/gtest.h>

#include "graph/ops.h"
#include "testing/check_pass.h"

namespace yoloport::graph::passes {
namespace {

using tensor::Shape;

TEST(SimplifyTest, LeavesNothingToASimplifier) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("images", tensor::DType::kFloat32, {kDynamic, 3, 8, 8});
    Sigmoid(x);
    const Value flat = Reshape(Reshape(Relu(x), Shape{0, -1}), Shape{0, 3, 64});
    graph.Output(Concat({Concat({flat, flat}, 1), flat}, 1), "y");
    const Value shape = Concat({Dim(x, 0), Int64s(graph, {3, 8, 8})}, 0);
    graph.Output(Expand(Relu(x), shape), "z");
    graph.Output(Relu(x), "r");
  };
  EXPECT_EQ(test_support::CheckPass(build, Simplify).after,
            "opset 13\n"
            "input images: float32[?,3,8,8]\n"
            "Relu: float32[?,3,8,8] = Relu(images)\n"
            "Reshape_1: float32[?,3,64] = Reshape(Relu, [0,3,64])\n"
            "y: float32[?,9,64] = Concat(Reshape_1, Reshape_1, Reshape_1) axis=1\n"
            "Shape: int64[4] = Shape(images)\n"
            "Slice: int64[1] = Slice(Shape, [0], [1], [0], [1])\n"
            "Concat_2: int64[4] = Concat(Slice, [3,8,8]) axis=0\n"
            "z: float32[?,3,8,8] = Expand(Relu, Concat_2)\n"
            "r: float32[?,3,8,8] = Relu(images)\n"
            "output y: float32[?,9,64]\n"
            "output z: float32[?,3,8,8]\n"
            "output r: float32[?,3,8,8]\n");
}

TEST(SimplifyTest, NodesThatWereMergedReadNothing) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("images", tensor::DType::kFloat32, {kDynamic, 3, 8, 8});
    const Value flat = Reshape(x, Shape{0, -1});
    const Value rows = Reshape(flat, Shape{0, 3, 64});
    const Value twin = Reshape(flat, Shape{0, 3, 64});
    graph.Output(rows * Sigmoid(twin), "y");
  };
  EXPECT_EQ(test_support::CheckPass(build, Simplify).after,
            "opset 13\n"
            "input images: float32[?,3,8,8]\n"
            "Reshape_1: float32[?,3,64] = Reshape(images, [0,3,64])\n"
            "Sigmoid: float32[?,3,64] = Sigmoid(Reshape_1)\n"
            "y: float32[?,3,64] = Mul(Reshape_1, Sigmoid)\n"
            "output y: float32[?,3,64]\n");
}

}  // namespace
}  // namespace yoloport::graph::passes
