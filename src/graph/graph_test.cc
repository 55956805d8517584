#include "graph/graph.h"

#include <gtest/gtest.h>

#include "graph/listing.h"
#include "graph/ops.h"
#include "yoloport/error.h"

namespace yoloport::graph {
namespace {

using tensor::DType;
using tensor::Shape;

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
      graph.Constant(tensor::Tensor::Of<float>({3, 2, 2, 2}, std::vector<float>(24, 1)), "weight");
  const Value y = ConvTranspose(x, weight, {}, 2, "up");
  EXPECT_EQ(y.shape(), (Shape{1, 2, 8, kDynamic}));
  EXPECT_EQ(ConvTranspose(Image(graph), weight, {}, 3).shape(), (Shape{1, 2, 23, 23}));
  EXPECT_THROW(ConvTranspose(y, weight, {}, 2), ModelError);
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
  const Value weight =
      graph.Constant(tensor::Tensor::Of<float>({4, 2, 1, 1}, std::vector<float>(8, 0)));
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
