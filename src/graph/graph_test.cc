#include "graph/graph.h"

#include <gtest/gtest.h>

#include "graph/listing.h"
#include "graph/ops.h"
#include "yoloport/error.h"

namespace yoloport::graph {
namespace {

Value Image(Graph& graph, Shape shape = {1, 3, 8, 8}) {
  return graph.Input("images", DType::kFloat32, std::move(shape));
}

std::vector<std::int64_t> Ints(Value value) {
  const auto values = value.constant()->values<std::int64_t>();
  return {values.begin(), values.end()};
}

TEST(GraphTest, ConvTransposeEnlarges) {
  Graph graph(11);
  const Value x = Image(graph, {1, 3, 4, kDynamic});
  const Value weight =
      graph.Constant(Tensor::Of<float>({3, 2, 2, 2}, std::vector<float>(24, 1)), "weight");
  const Value y = ConvTranspose(x, weight, {}, 2, "up");
  EXPECT_EQ(y.shape(), (Shape{1, 2, 8, kDynamic}));
  EXPECT_EQ(ConvTranspose(Image(graph), weight, {}, 3).shape(), (Shape{1, 2, 23, 23}));
  EXPECT_THROW(ConvTranspose(y, weight, {}, 2), ModelError);
}

TEST(GraphTest, PruneRemovesWhatNoOutputNeeds) {
  Graph graph(11);
  const Value x = Image(graph);
  const Value used = Relu(x);
  Sigmoid(used);
  graph.Constant(Tensor::Scalar<float>(1));
  graph.Output(used, "out");
  graph.Prune();
  ASSERT_EQ(graph.nodes().size(), 1U);
  EXPECT_EQ(graph.nodes()[0].op, "Relu");
  EXPECT_TRUE(graph.constants().empty());
}

TEST(GraphTest, PruneMergesConcatsThatFollowEachOther) {
  Graph graph(11);
  const Value x = Image(graph);
  const Value y = Relu(x);
  const Value read_twice = Concat({y, x}, 1);
  const Value once = Concat({Concat({x, y}, 1), y}, 1);
  graph.Output(Concat({x, once, read_twice, Sigmoid(read_twice)}, 1), "a");
  graph.Output(Concat({Concat({x, y}, 2), Concat({y, x}, 2)}, 3), "b");
  graph.Prune();
  std::vector<std::vector<std::string>> joins;
  for (const Node& node : graph.nodes()) {
    if (node.op != "Concat") continue;
    joins.emplace_back();
    for (const int input : node.inputs) joins.back().push_back(graph.value(input).name);
  }
  EXPECT_EQ(joins, (std::vector<std::vector<std::string>>{
                       {"Relu", "images"},
                       {"images", "images", "Relu", "Relu", "Concat", "Sigmoid"},
                       {"images", "Relu"},
                       {"Relu", "images"},
                       {"Concat_4", "Concat_5"}}));
}

TEST(GraphTest, PruneMakesOneOfNodesThatComputeTheSame) {
  Graph graph(13);
  const Value x = graph.Input("images", DType::kFloat32, {kDynamic, 3, 8, 8});
  const Value once = Clip(x, 0, 6) * Floats(graph, {1}, {2});
  const Value again = Clip(x, 0, 6) * Floats(graph, {1}, {2});
  const Value other = Clip(x, 0, 7) * Floats(graph, {1}, {2});
  graph.Output(Concat({once, again, other}, 1), "y");
  const Value shape = Concat({Dim(x, 0), Int64s(graph, {3, 8, 8})}, 0);
  graph.Output(Expand(Relu(x), shape), "z");
  graph.Output(Relu(x), "r");
  graph.Prune();
  EXPECT_EQ(Listing(graph),
            "opset 13\n"
            "input images: float32[?,3,8,8]\n"
            "Clip: float32[?,3,8,8] = Clip(images, 0.0, 6.0)\n"
            "Mul: float32[?,3,8,8] = Mul(Clip, [2.0])\n"
            "Clip_2: float32[?,3,8,8] = Clip(images, 0.0, 7.0)\n"
            "Mul_2: float32[?,3,8,8] = Mul(Clip_2, [2.0])\n"
            "y: float32[?,9,8,8] = Concat(Mul, Mul, Mul_2) axis=1\n"
            "Shape: int64[4] = Shape(images)\n"
            "Slice: int64[1] = Slice(Shape, [0], [1], [0], [1])\n"
            "Concat_1: int64[4] = Concat(Slice, [3,8,8]) axis=0\n"
            "Relu: float32[?,3,8,8] = Relu(images)\n"
            "z: float32[?,3,8,8] = Expand(Relu, Concat_1)\n"
            "r: float32[?,3,8,8] = Relu(images)\n"
            "output y: float32[?,9,8,8]\n"
            "output z: float32[?,3,8,8]\n"
            "output r: float32[?,3,8,8]\n");
}

TEST(GraphTest, PruneKeepsEqualOutputsApart) {
  Graph graph(13);
  const Value x = graph.Input("images", DType::kFloat32, {1, 2});
  graph.Output(Relu(x), "a");
  graph.Output(Relu(x), "b");
  graph.Output(Sigmoid(Relu(x)), "c");
  graph.Prune();
  EXPECT_EQ(Listing(graph),
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

TEST(GraphTest, PruneKeepsConstantsApartThatHaveNames) {
  Graph graph(13);
  const Value x = Image(graph);
  const auto half = [&](std::string name) {
    return graph.Constant(Tensor::Scalar(0.5F), std::move(name));
  };
  Value y = x;
  for (const char* name : {"iou", "score", "", ""}) y = Relu(y) * half(name);
  graph.Output(y, "y");
  graph.Prune();
  std::vector<std::string> names;
  for (const int id : graph.constants()) names.push_back(graph.value(id).name);
  EXPECT_EQ(names, (std::vector<std::string>{"iou", "score", "Constant"}));
}

TEST(GraphTest, PruneLeavesOneOfReshapesThatFollowEachOther) {
  Graph graph(13);
  const Value x = graph.Input("x", DType::kFloat32, {kDynamic, 4, 6});
  graph.Output(Relu(Reshape(Reshape(Reshape(x, Shape{0, -1}), Shape{0, 6, -1}), Shape{0, 3, 8})),
               "y");
  graph.Output(Relu(Reshape(Reshape(x, Shape{0, -1, 1}), Shape{0, 4, 6})), "same");
  // What 0 keeps here is not an extent of x.
  graph.Output(Relu(Reshape(Reshape(x, Shape{-1, 12}), Shape{0, 3, 4})), "two");
  const Value known = graph.Input("known", DType::kFloat32, {8, 3});
  graph.Output(Relu(Reshape(Reshape(known, Shape{2, 12}), Shape{0, 3, 4})), "one");
  graph.Prune();
  EXPECT_EQ(Listing(graph),
            "opset 13\n"
            "input x: float32[?,4,6]\n"
            "input known: float32[8,3]\n"
            "Reshape_2: float32[?,3,8] = Reshape(x, [0,3,8])\n"
            "y: float32[?,3,8] = Relu(Reshape_2)\n"
            "same: float32[?,4,6] = Relu(x)\n"
            "Reshape_5: float32[?,12] = Reshape(x, [-1,12])\n"
            "Reshape_6: float32[?,3,4] = Reshape(Reshape_5, [0,3,4])\n"
            "two: float32[?,3,4] = Relu(Reshape_6)\n"
            "Reshape_8: float32[2,3,4] = Reshape(known, [2,3,4])\n"
            "one: float32[2,3,4] = Relu(Reshape_8)\n"
            "output y: float32[?,3,8]\n"
            "output same: float32[?,4,6]\n"
            "output two: float32[?,3,4]\n"
            "output one: float32[2,3,4]\n");
}

TEST(GraphTest, PruneKeepsAReshapeThatOthersRead) {
  Graph graph(11);
  const Value flat = Reshape(Image(graph), Shape{1, 3, 64});
  graph.Output(Relu(flat), "flat");
  graph.Output(Relu(Reshape(flat, Shape{1, 6, 32})), "rows");
  graph.Prune();
  EXPECT_EQ(Listing(graph),
            "opset 11\n"
            "input images: float32[1,3,8,8]\n"
            "Reshape: float32[1,3,64] = Reshape(images, [1,3,64])\n"
            "flat: float32[1,3,64] = Relu(Reshape)\n"
            "Reshape_1: float32[1,6,32] = Reshape(Reshape, [1,6,32])\n"
            "rows: float32[1,6,32] = Relu(Reshape_1)\n"
            "output flat: float32[1,3,64]\n"
            "output rows: float32[1,6,32]\n");
}

TEST(GraphTest, NamesAreUnique) {
  Graph graph(11);
  const Value x = Image(graph);
  EXPECT_EQ(Relu(x).name(), "Relu");
  EXPECT_EQ(Relu(x).name(), "Relu_1");
  EXPECT_EQ(graph.UniqueName("Relu_1"), "Relu_1_1");
  const NameScope scope(graph, "a.b");
  EXPECT_EQ(Relu(x).name(), "a.b/Relu");
}

TEST(OpsTest, ArithmeticOnConstantsIsDoneAtOnce) {
  Graph graph(11);
  const Value a = Int64s(graph, {2, 7});
  EXPECT_EQ(Ints(a * Int64s(graph, {3})), (std::vector<std::int64_t>{6, 21}));
  EXPECT_EQ(Ints(Concat({a, a}, 0)), (std::vector<std::int64_t>{2, 7, 2, 7}));
  EXPECT_EQ(Ints(Gather(a, Int64s(graph, {1, 0}), 0)), (std::vector<std::int64_t>{7, 2}));
  EXPECT_EQ(Ints(Slice(a, 0, 1, 2)), (std::vector<std::int64_t>{7}));
  EXPECT_EQ(Ints(Range(Int64s(graph, {0}), Int64s(graph, {3}), Int64s(graph, {1}))),
            (std::vector<std::int64_t>{0, 1, 2}));
  EXPECT_EQ(Ints(Expand(Int64s(graph, {5}), Int64s(graph, {2, 2}))),
            (std::vector<std::int64_t>{5, 5, 5, 5}));
  const Value bits = Cast(Greater(a, Int64s(graph, {4})), DType::kInt64);
  EXPECT_EQ(Ints(bits), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(Ints(Where(Equal(a, Int64s(graph, {2})), a, Int64s(graph, {0}))),
            (std::vector<std::int64_t>{2, 0}));
  EXPECT_TRUE(graph.nodes().empty());
}

TEST(OpsTest, ExtremesOfConstants) {
  for (const int opset : {11, 13}) {
    Graph graph(opset);
    const Value a = Int64s(graph, {3, 1});
    const Value b = Int64s(graph, {2, 5});
    EXPECT_EQ(Ints(Min(a, b)), (std::vector<std::int64_t>{2, 1}));
    const Value x = Floats(graph, {2}, {3, 1});
    const Value y = Floats(graph, {2}, {2, 5});
    EXPECT_EQ(Ints(Cast(Min(x, y), DType::kInt64)), (std::vector<std::int64_t>{2, 1}));
    EXPECT_EQ(Ints(Cast(Max(x, y), DType::kInt64)), (std::vector<std::int64_t>{3, 5}));
  }
}

TEST(OpsTest, WhatChangesNothingIsLeftOut) {
  Graph graph(11);
  const Value x = Image(graph);
  EXPECT_EQ((x * 1.0).id(), x.id());
  EXPECT_EQ((x + 0.0).id(), x.id());
  EXPECT_EQ((Floats(graph, {1}, {0}) + x).id(), x.id());
  EXPECT_EQ((Floats(graph, {1}, {1}) * x).id(), x.id());
  EXPECT_EQ(Reshape(x, Shape{0, 3, 8, -1}).id(), x.id());
  EXPECT_EQ(Transpose(x, {0, 1, 2, 3}).id(), x.id());
  EXPECT_EQ(Slice(x, 1, 0, 3).id(), x.id());
  EXPECT_EQ(Concat({x}, 1).id(), x.id());
  EXPECT_EQ(Cast(x, DType::kFloat32).id(), x.id());
  EXPECT_EQ(Expand(x, Int64s(graph, {1, 3, 8, 8})).id(), x.id());
  EXPECT_TRUE(graph.nodes().empty());
}

TEST(OpsTest, ShapesFollowOnnx) {
  Graph graph(11);
  const Value x = Image(graph, {2, 6, 5, 7});
  EXPECT_EQ(MaxPool(x, 5, 1, 2).shape(), x.shape());
  EXPECT_EQ(Upsample(x, 2).shape(), (Shape{2, 6, 10, 14}));
  EXPECT_EQ(ReduceMax(x, 1).shape(), (Shape{2, 5, 7}));
  EXPECT_EQ(ReduceSum(x, -1, true).shape(), (Shape{2, 6, 5, 1}));
  EXPECT_EQ(Reshape(x, Shape{0, -1}).shape(), (Shape{2, 210}));
  EXPECT_EQ(Transpose(x, {0, 2, 3, 1}).shape(), (Shape{2, 5, 7, 6}));
  EXPECT_EQ(Slice(x, 3, 1, 7, 2).shape(), (Shape{2, 6, 5, 3}));
  EXPECT_EQ(Concat({x, x}, 1).shape(), (Shape{2, 12, 5, 7}));
  EXPECT_EQ(TopK(Reshape(x, Shape{2, -1}), Int64s(graph, {10}), 1).second.shape(), (Shape{2, 10}));
  EXPECT_EQ(Ints(Dim(x, -1)), (std::vector<std::int64_t>{7}));
}

TEST(OpsTest, UnknownExtentsStayUnknownOrAreComputed) {
  Graph graph(11);
  const Value x = Image(graph, {kDynamic, 6, kDynamic, 8});
  EXPECT_EQ(Reshape(x, Shape{0, 6, -1}).shape(), (Shape{kDynamic, 6, kDynamic}));
  EXPECT_EQ(Upsample(x, 2).shape(), (Shape{kDynamic, 6, kDynamic, 16}));
  EXPECT_EQ(ReduceMax(x, 1).shape(), (Shape{kDynamic, kDynamic, 8}));
  EXPECT_EQ(Dim(x, 0).constant(), nullptr);
  EXPECT_EQ(Dim(x, 0).shape(), (Shape{1}));
}

TEST(OpsTest, ExpandKnowsTheConstantPartsOfAComputedShape) {
  Graph graph(11);
  const Value x = Image(graph, {kDynamic, 1, kDynamic});
  const Value shape = Concat({Dim(x, 0), Int64s(graph, {80}), Dim(x, 2)}, 0);
  EXPECT_EQ(Expand(x, shape).shape(), (Shape{kDynamic, 80, kDynamic}));
}

TEST(OpsTest, ExpandToOnesIsNothing) {
  Graph graph(11);
  const Value x = Image(graph, {kDynamic, 1, kDynamic});
  EXPECT_EQ(Expand(x, Int64s(graph, {1, 1, 1})).id(), x.id());
  EXPECT_NE(Expand(x, Int64s(graph, {1, 2, 1})).id(), x.id());
}

TEST(OpsTest, IntegerMinimumWorksInEveryOpset) {
  for (const int opset : {11, 12}) {
    Graph graph(opset);
    const Value x = graph.Input("n", DType::kInt64, {1});
    Min(x, Int64s(graph, {7}));
    EXPECT_EQ(graph.nodes().back().op, opset == 11 ? "Where" : "Min");
  }
}

TEST(OpsTest, ShapesThatDoNotFitAreErrors) {
  Graph graph(11);
  const Value x = Image(graph);
  const Value weight = graph.Constant(Tensor::Of<float>({4, 2, 1, 1}, std::vector<float>(8, 0)));
  try {
    Conv(x, weight, {}, {});
    FAIL();
  } catch (const ModelError& error) {
    EXPECT_EQ(error.message(),
              "Conv on images (1x3x8x8): a weight of shape 4x2x1x1 in 1 groups does not fit");
  }
  EXPECT_THROW(Reshape(x, Shape{5, -1}), ModelError);
  EXPECT_THROW(Concat({x, Relu(Image(graph, {1, 3, 4, 8}))}, 1), ModelError);
  const Value half = Cast(x, DType::kFloat16);
  EXPECT_THROW(Concat({x, half}, 1), ModelError);
  EXPECT_THROW(Where(Greater(x, x), x, half), ModelError);
  EXPECT_THROW(Add(x, Floats(graph, {7}, std::vector<float>(7))), ModelError);
  EXPECT_THROW(ReduceMax(x, 4), ModelError);
}

}  // namespace
}  // namespace yoloport::graph
