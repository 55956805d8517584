#include "graph/listing.h"

#include <gtest/gtest.h>

#include <limits>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"
#include "graph/ops.h"

namespace yoloport::graph {
namespace {

using tensor::DType;
using tensor::Tensor;

// The listing of a graph that adds `constant` to something, from the "=" of that line on.
std::string Added(const Tensor& constant, std::string name = {}) {
  Graph graph(13);
  const NameScope scope(graph, "scope");
  const Value x = graph.Input("x", constant.dtype(), constant.shape());
  Add(x, graph.Constant(constant, std::move(name)));
  const std::string text = Listing(graph);
  const std::size_t begin = text.find(" = ") + 3;
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(ListingTest, ListsNodesInTheirOrder) {
  Graph graph(11);
  const Value x = graph.Input("images", DType::kFloat32, {1, 3, 8, 8});
  const NameScope scope(graph, "stem");
  const Value weight = graph.Constant(Tensor::Of<float>({4, 3, 3, 3}, std::vector<float>(108, 1)),
                                      "stem.conv.weight");
  const Value y = Conv(x, weight, {}, {.stride = 2, .padding = 1}, "stem.conv");
  graph.Output(y * Sigmoid(y), "out");
  EXPECT_EQ(Listing(graph),
            "opset 11\n"
            "input images: float32[1,3,8,8]\n"
            "stem.conv: float32[1,4,4,4] = Conv(images, .weight:float32[4,3,3,3]) "
            "dilations=[1,1] group=1 "
            "kernel_shape=[3,3] pads=[1,1,1,1] strides=[2,2]\n"
            "stem/Sigmoid: float32[1,4,4,4] = Sigmoid(stem.conv)\n"
            "out: float32[1,4,4,4] = Mul(stem.conv, stem/Sigmoid)\n"
            "output out: float32[1,4,4,4]\n");
}

TEST(ListingTest, NamesDynamicExtents) {
  Graph graph(13);
  const Value x =
      graph.Input("x", DType::kFloat32, {kDynamic, 3, kDynamic}, {"batch", "not shown", ""});
  graph.Output(Relu(x), "y", {"batch"});
  EXPECT_EQ(Listing(graph),
            "opset 13\n"
            "input x: float32[batch,3,?]\n"
            "y: float32[batch,3,?] = Relu(x)\n"
            "output y: float32[batch,3,?]\n");
}

TEST(ListingTest, OptionalInputsShowTheirDefaults) {
  Graph graph(13);
  graph.OptionalInput("iou", Tensor::Of<float>({1}, {0.65F}));
  graph.OptionalInput("flag", Tensor::Of<std::uint8_t>({1}, {1}).To(DType::kBool));
  graph.OptionalInput("sizes", Tensor::Of<float>({19, 2}, std::vector<float>(38, 0)));
  // sha256sum of 152 zero bytes.
  EXPECT_EQ(Listing(graph),
            "opset 13\n"
            "input iou: float32[1] = [0.65]\n"
            "input flag: bool[1] = bool([1])\n"
            "input sizes: float32[19,2] = #85ada57e\n");
}

TEST(ListingTest, SmallConstantsShowTypeRankAndElements) {
  EXPECT_EQ(Added(Tensor::Scalar<float>(6)), "Add(x, 6.0)");
  EXPECT_EQ(Added(Tensor::Scalar<std::int64_t>(6)), "Add(x, 6)");
  EXPECT_EQ(Added(Tensor::Of<std::int64_t>({3}, {0, -1, 4})), "Add(x, [0,-1,4])");
  EXPECT_EQ(Added(Tensor::Of<float>({2, 1}, {-0.0F, 1e-5F})), "Add(x, [[-0.0],[1e-05]])");
  EXPECT_EQ(Added(Tensor::Of<float>({1, 1, 2}, {0.1F, 1.0F / 3})), "Add(x, [[[0.1,0.33333334]]])");
  EXPECT_EQ(Added(Tensor::Of<std::int32_t>({2}, {7, 8})), "Add(x, int32([7,8]))");
  EXPECT_EQ(Added(Tensor::Scalar<float>(0.5F).To(DType::kFloat16)), "Add(x, float16(0.5))");
  EXPECT_EQ(Added(Tensor::Of<std::int64_t>({0}, {})), "Add(x, [])");
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(Added(Tensor::Of<float>({2}, {infinity, -infinity})), "Add(x, [inf,-inf])");
}

TEST(ListingTest, OnlyGivenNamesOfConstantsShow) {
  EXPECT_EQ(Added(Tensor::Of<std::int64_t>({1}, {100}), "nms/keep_topk"),
            "Add(x, nms/keep_topk:[100])");
}

TEST(ListingTest, LargeConstantsShowAChecksum) {
  std::vector<std::int64_t> numbers(37);
  std::iota(numbers.begin(), numbers.end(), 0);
  // sha256sum of 0, 1 .. 36 as int64, little-endian; then with the last two changed places.
  EXPECT_EQ(Added(Tensor::Of<std::int64_t>({37}, numbers)), "Add(x, int64[37]#fd1d0b63)");
  std::swap(numbers[35], numbers[36]);
  EXPECT_EQ(Added(Tensor::Of<std::int64_t>({37}, numbers)), "Add(x, int64[37]#58a6d13a)");
  const Tensor shown = Tensor::Of<std::int64_t>({36}, std::vector<std::int64_t>(36, 5));
  std::string fives = "5";
  for (int i = 1; i < 36; ++i) fives += ",5";
  EXPECT_EQ(Added(shown), "Add(x, [" + fives + "])");
}

TEST(ListingTest, WeightsShowNoElements) {
  const auto listing = [](float value) {
    Graph graph(13);
    const Value x = graph.Input("x", DType::kFloat32, {1, 1, 2, 2});
    const auto tensor = [value] { return Tensor::Of<float>({1, 1, 1, 1}, {value}); };
    const Value lazy = graph.Constant(LazyTensor{DType::kFloat32, {1, 1, 1, 1}, tensor}, "w");
    const Value bias = graph.Constant(Tensor::Of<float>({1}, {value}), "b");
    Add(ConvTranspose(Conv(x, lazy, bias, {}, "c"), graph.Constant(tensor(), "u"), {}, 1, "t"),
        lazy);
    return Listing(graph);
  };
  EXPECT_EQ(listing(1), listing(2));
  EXPECT_NE(listing(1).find("Conv(x, w:float32[1,1,1,1], b:float32[1])"), std::string::npos);
  EXPECT_NE(listing(1).find("ConvTranspose(c, u:float32[1,1,1,1])"), std::string::npos);
  EXPECT_NE(listing(1).find("Add(t, w:float32[1,1,1,1])"), std::string::npos);
}

TEST(ListingTest, OperatorsOfOtherDomainsAndWhatIsLeftOut) {
  Graph graph(13);
  const Value x = graph.Input("x", DType::kFloat32, {1});
  const auto results = CustomOp("TRT", "Plugin", {x, Value(), x},
                                {{"beta", std::vector<float>{0.5F, 2}},
                                 {"alpha", 0.25F},
                                 {"count", std::int64_t{3}},
                                 {"version", std::string("1")}},
                                {{DType::kInt32, {1}}, {DType::kFloat32, {kDynamic}}});
  graph.Output(results[1], "out");
  EXPECT_EQ(Listing(graph),
            "opset 13\n"
            "input x: float32[1]\n"
            "Plugin: int32[1], out: float32[?] = TRT::Plugin(x, -, x) alpha=0.25 beta=[0.5,2.0] "
            "count=3 version=\"1\"\n"
            "output out: float32[?]\n");
}

}  // namespace
}  // namespace yoloport::graph
