#include "nn/folded_conv.h"

#include <gtest/gtest.h>

#include <variant>
#include <vector>

#include "graph/listing.h"
#include "graph/passes/simplify.h"

namespace yoloport {
namespace {

using graph::Value;

// 1 x 1: the weight of output `o` and input `i` is 10 * o + i; the biases are 1, 2 ...
FoldedConv Pointwise(std::int64_t outputs, std::int64_t inputs) {
  std::vector<float> weight;
  std::vector<float> bias;
  for (std::int64_t o = 0; o < outputs; ++o) {
    for (std::int64_t i = 0; i < inputs; ++i) weight.push_back(static_cast<float>(10 * o + i));
    bias.push_back(static_cast<float>(o + 1));
  }
  const Shape shape = {outputs, inputs, 1, 1};
  const auto make = [shape, weight] { return Tensor::Of<float>(shape, weight); };
  return {shape, make, bias};
}

std::vector<float> WeightNamed(const graph::Graph& graph, std::string_view name) {
  for (const int id : graph.constants()) {
    const auto& value = graph.value(id);
    if (value.name != name) continue;
    const auto* lazy = std::get_if<graph::LazyTensor>(&value.constant);
    const Tensor tensor = lazy != nullptr ? lazy->make() : std::get<Tensor>(value.constant);
    return {tensor.values<float>().begin(), tensor.values<float>().end()};
  }
  return {};
}

class FoldedConvTest : public testing::Test {
 protected:
  graph::Graph graph_{13};
  Value coarse_ = graph_.Input("coarse", DType::kFloat32, {1, 2, 4, 4});
  Value fine_ = graph_.Input("fine", DType::kFloat32, {1, 3, 8, 8});

  std::string TextOf(Value output) {
    graph_.Output(output, "out");
    Simplify(graph_);
    return Listing(graph_);
  }
};

TEST_F(FoldedConvTest, EnlargedChannelsAreConvolvedBefore) {
  const Value x = graph::Concat({fine_, graph::Upsample(coarse_, 2)}, 1);
  const std::string text = TextOf(Emit(x, Pointwise(2, 5), {}, "conv"));
  constexpr const char* kAttributes =
      " dilations=[1,1] group=1 kernel_shape=[1,1] pads=[0,0,0,0] strides=[1,1]\n";
  EXPECT_EQ(text, std::string("opset 13\n"
                              "input coarse: float32[1,2,4,4]\n"
                              "input fine: float32[1,3,8,8]\n"
                              "conv.coarse: float32[1,2,4,4] = "
                              "Conv(coarse, .weight:float32[2,2,1,1])") +
                      kAttributes +
                      "Resize_1: float32[1,2,8,8] = Resize(conv.coarse, -, [1.0,1.0,"
                      "2.0,2.0]) coordinate_transformation_mode=\"asymmetric\" "
                      "cubic_coeff_a=-0.75 mode=\"nearest\" nearest_mode=\"floor\"\n"
                      "conv: float32[1,2,8,8] = Conv(fine, .weight:float32[2,3,1,1], "
                      ".bias:float32[2])" +
                      kAttributes +
                      "out: float32[1,2,8,8] = Add(conv, Resize_1)\n"
                      "output out: float32[1,2,8,8]\n");
  EXPECT_EQ(WeightNamed(graph_, "conv.weight"), (std::vector<float>{0, 1, 2, 10, 11, 12}));
  EXPECT_EQ(WeightNamed(graph_, "conv.bias"), (std::vector<float>{1, 2}));
  EXPECT_EQ(WeightNamed(graph_, "conv.coarse.weight"), (std::vector<float>{3, 4, 13, 14}));
}

TEST_F(FoldedConvTest, OthersStayJoined) {
  const Value x = graph::Concat({fine_, graph::Upsample(coarse_, 2), fine_}, 1);
  const std::string text = TextOf(Emit(x, Pointwise(1, 8), {}, "conv"));
  EXPECT_NE(text.find("Concat(fine, fine)"), std::string::npos) << text;
  EXPECT_EQ(WeightNamed(graph_, "conv.weight"), (std::vector<float>{0, 1, 2, 5, 6, 7}));
  EXPECT_EQ(WeightNamed(graph_, "conv.coarse.weight"), (std::vector<float>{3, 4}));
}

TEST_F(FoldedConvTest, WhatSeesNeighboursOrRowsStaysOne) {
  FoldedConv wide = Pointwise(2, 5);
  wide.shape = {2, 5, 3, 3};
  const Value joined = graph::Concat({fine_, graph::Upsample(coarse_, 2)}, 1);
  const Value rows = graph::Concat({graph::Upsample(coarse_, 2), graph::Upsample(coarse_, 2)}, 2);
  const std::vector<Value> values = {
      Emit(joined, wide, {.padding = 1}, "wide"),
      Emit(joined, Pointwise(2, 5), {.stride = 2}, "strided"),
      Emit(graph::Upsample(coarse_, 2), Pointwise(2, 2), {}, "alone"),
      Emit(fine_, Pointwise(2, 3), {}, "plain"), Emit(rows, Pointwise(2, 2), {}, "rows")};
  for (const Value& value : values) {
    EXPECT_FALSE(graph_.InputsOf(value, "Conv").empty()) << value.name();
  }
}

}  // namespace
}  // namespace yoloport
