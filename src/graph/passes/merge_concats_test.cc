#include "graph/passes/merge_concats.h"

#include <gtest/gtest.h>

#include "graph/ops.h"
#include "testing/check_pass.h"

namespace yoloport::graph::passes {
namespace {

TEST(MergeConcatsTest, ThoseAlongOneAxisThatNobodyElseReads) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("images", tensor::DType::kFloat32, {1, 3, 8, 8});
    const Value y = Relu(x);
    const Value read_twice = Concat({y, x}, 1);
    const Value once = Concat({Concat({x, y}, 1), y}, 1);
    graph.Output(Concat({x, once, read_twice, Sigmoid(read_twice)}, 1), "a");
    graph.Output(Concat({Concat({x, y}, 2), Concat({y, x}, 2)}, 3), "b");
  };
  const test_support::PassListings listings = test_support::CheckPass(build, MergeConcats);
  EXPECT_EQ(listings.before,
            "opset 13\n"
            "input images: float32[1,3,8,8]\n"
            "Relu: float32[1,3,8,8] = Relu(images)\n"
            "Concat: float32[1,6,8,8] = Concat(Relu, images) axis=1\n"
            "Concat_1: float32[1,6,8,8] = Concat(images, Relu) axis=1\n"
            "Concat_2: float32[1,9,8,8] = Concat(Concat_1, Relu) axis=1\n"
            "Sigmoid: float32[1,6,8,8] = Sigmoid(Concat)\n"
            "a: float32[1,24,8,8] = Concat(images, Concat_2, Concat, Sigmoid) axis=1\n"
            "Concat_4: float32[1,3,16,8] = Concat(images, Relu) axis=2\n"
            "Concat_5: float32[1,3,16,8] = Concat(Relu, images) axis=2\n"
            "b: float32[1,3,16,16] = Concat(Concat_4, Concat_5) axis=3\n"
            "output a: float32[1,24,8,8]\n"
            "output b: float32[1,3,16,16]\n");
  EXPECT_EQ(listings.after,
            "opset 13\n"
            "input images: float32[1,3,8,8]\n"
            "Relu: float32[1,3,8,8] = Relu(images)\n"
            "Concat: float32[1,6,8,8] = Concat(Relu, images) axis=1\n"
            "Sigmoid: float32[1,6,8,8] = Sigmoid(Concat)\n"
            "a: float32[1,24,8,8] = Concat(images, images, Relu, Relu, Concat, Sigmoid) axis=1\n"
            "Concat_4: float32[1,3,16,8] = Concat(images, Relu) axis=2\n"
            "Concat_5: float32[1,3,16,8] = Concat(Relu, images) axis=2\n"
            "b: float32[1,3,16,16] = Concat(Concat_4, Concat_5) axis=3\n"
            "output a: float32[1,24,8,8]\n"
            "output b: float32[1,3,16,16]\n");
}

}  // namespace
}  // namespace yoloport::graph::passes
