#include "graph/passes/remove_unused.h"

#include <gtest/gtest.h>

#include "graph/ops.h"
#include "testing/check_pass.h"

namespace yoloport::graph::passes {
namespace {

TEST(RemoveUnusedTest, WhatNoOutputNeedsGoes) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("images", tensor::DType::kFloat32, {1, 3, 8, 8});
    const Value used = Relu(x);
    Sigmoid(Sigmoid(used) * Floats(graph, {1}, {2}));
    graph.Output(used * Floats(graph, {1}, {3}), "out");
  };
  const test_support::PassListings listings = test_support::CheckPass(build, RemoveUnused);
  EXPECT_EQ(listings.before,
            "opset 13\n"
            "input images: float32[1,3,8,8]\n"
            "Relu: float32[1,3,8,8] = Relu(images)\n"
            "Sigmoid: float32[1,3,8,8] = Sigmoid(Relu)\n"
            "Mul: float32[1,3,8,8] = Mul(Sigmoid, [2.0])\n"
            "Sigmoid_1: float32[1,3,8,8] = Sigmoid(Mul)\n"
            "out: float32[1,3,8,8] = Mul(Relu, [3.0])\n"
            "output out: float32[1,3,8,8]\n");
  EXPECT_EQ(listings.after,
            "opset 13\n"
            "input images: float32[1,3,8,8]\n"
            "Relu: float32[1,3,8,8] = Relu(images)\n"
            "out: float32[1,3,8,8] = Mul(Relu, [3.0])\n"
            "output out: float32[1,3,8,8]\n");
}

TEST(RemoveUnusedTest, ConstantsThatNobodyReadsGo) {
  Graph graph(13);
  const Value x = graph.Input("images", tensor::DType::kFloat32, {1, 2});
  const Value read = Floats(graph, {1}, {3});
  Floats(graph, {1}, {4});
  graph.Output(x * read, "out");
  RemoveUnused(graph);
  EXPECT_EQ(graph.constants(), std::vector<int>{read.id()});
}

}  // namespace
}  // namespace yoloport::graph::passes
