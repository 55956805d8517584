#include "graph/passes/merge_reshapes.h"

#include <gtest/gtest.h>

#include "graph/ops.h"
#include "testing/check_pass.h"

namespace yoloport::graph::passes {
namespace {

using tensor::DType;
using tensor::Shape;

TEST(MergeReshapesTest, ThoseThatFollowEachOtherBecomeOne) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("x", DType::kFloat32, {kDynamic, 4, 6});
    graph.Output(Relu(Reshape(Reshape(Reshape(x, Shape{0, -1}), Shape{0, 6, -1}), Shape{0, 3, 8})),
                 "y");
    graph.Output(Relu(Reshape(Reshape(x, Shape{0, -1, 1}), Shape{0, 4, 6})), "same");
    // What 0 keeps here is not an extent of x.
    graph.Output(Relu(Reshape(Reshape(x, Shape{-1, 12}), Shape{0, 3, 4})), "two");
    const Value known = graph.Input("known", DType::kFloat32, {8, 3});
    graph.Output(Relu(Reshape(Reshape(known, Shape{2, 12}), Shape{0, 3, 4})), "one");
  };
  const test_support::PassListings listings = test_support::CheckPass(build, MergeReshapes);
  EXPECT_EQ(listings.before,
            "opset 13\n"
            "input x: float32[?,4,6]\n"
            "input known: float32[8,3]\n"
            "Reshape: float32[?,24] = Reshape(x, [0,-1])\n"
            "Reshape_1: float32[?,6,4] = Reshape(Reshape, [0,6,-1])\n"
            "Reshape_2: float32[?,3,8] = Reshape(Reshape_1, [0,3,8])\n"
            "y: float32[?,3,8] = Relu(Reshape_2)\n"
            "Reshape_3: float32[?,24,1] = Reshape(x, [0,-1,1])\n"
            "Reshape_4: float32[?,4,6] = Reshape(Reshape_3, [0,4,6])\n"
            "same: float32[?,4,6] = Relu(Reshape_4)\n"
            "Reshape_5: float32[?,12] = Reshape(x, [-1,12])\n"
            "Reshape_6: float32[?,3,4] = Reshape(Reshape_5, [0,3,4])\n"
            "two: float32[?,3,4] = Relu(Reshape_6)\n"
            "Reshape_7: float32[2,12] = Reshape(known, [2,12])\n"
            "Reshape_8: float32[2,3,4] = Reshape(Reshape_7, [0,3,4])\n"
            "one: float32[2,3,4] = Relu(Reshape_8)\n"
            "output y: float32[?,3,8]\n"
            "output same: float32[?,4,6]\n"
            "output two: float32[?,3,4]\n"
            "output one: float32[2,3,4]\n");
  EXPECT_EQ(listings.after,
            "opset 13\n"
            "input x: float32[?,4,6]\n"
            "input known: float32[8,3]\n"
            "Reshape: float32[?,24] = Reshape(x, [0,-1])\n"
            "Reshape_1: float32[?,6,4] = Reshape(x, [0,6,-1])\n"
            "Reshape_2: float32[?,3,8] = Reshape(x, [0,3,8])\n"
            "y: float32[?,3,8] = Relu(Reshape_2)\n"
            "Reshape_3: float32[?,24,1] = Reshape(x, [0,-1,1])\n"
            "Reshape_4: float32[?,4,6] = Reshape(x, [0,4,6])\n"
            "same: float32[?,4,6] = Relu(x)\n"
            "Reshape_5: float32[?,12] = Reshape(x, [-1,12])\n"
            "Reshape_6: float32[?,3,4] = Reshape(Reshape_5, [0,3,4])\n"
            "two: float32[?,3,4] = Relu(Reshape_6)\n"
            "Reshape_7: float32[2,12] = Reshape(known, [2,12])\n"
            "Reshape_8: float32[2,3,4] = Reshape(known, [2,3,4])\n"
            "one: float32[2,3,4] = Relu(Reshape_8)\n"
            "output y: float32[?,3,8]\n"
            "output same: float32[?,4,6]\n"
            "output two: float32[?,3,4]\n"
            "output one: float32[2,3,4]\n");
}

TEST(MergeReshapesTest, OneThatOthersReadStays) {
  const auto build = [](Graph& graph) {
    const Value x = graph.Input("images", DType::kFloat32, {1, 3, 8, 8});
    const Value flat = Reshape(x, Shape{1, 3, 64});
    graph.Output(Relu(flat), "flat");
    graph.Output(Relu(Reshape(flat, Shape{1, 6, 32})), "rows");
  };
  const test_support::PassListings listings = test_support::CheckPass(build, MergeReshapes);
  EXPECT_EQ(listings.after, listings.before);
  EXPECT_EQ(listings.after,
            "opset 13\n"
            "input images: float32[1,3,8,8]\n"
            "Reshape: float32[1,3,64] = Reshape(images, [1,3,64])\n"
            "flat: float32[1,3,64] = Relu(Reshape)\n"
            "Reshape_1: float32[1,6,32] = Reshape(Reshape, [1,6,32])\n"
            "rows: float32[1,6,32] = Relu(Reshape_1)\n"
            "output flat: float32[1,3,64]\n"
            "output rows: float32[1,6,32]\n");
}

}  // namespace
}  // namespace yoloport::graph::passes
