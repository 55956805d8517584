// The attributes of every operator against those that torch's exporter writes, as
// testdata/graph/torch_attributes.txt lists them (made by scripts/make_torch_attributes.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "graph/listing.h"
#include "graph/ops.h"

namespace yoloport::graph {
namespace {

using tensor::DType;

// What the file lists for `opset`: "Conv dilations=[1,1] group=2 ...".
std::vector<std::string> WrittenByTorch(int opset) {
  std::ifstream file("testdata/graph/torch_attributes.txt");
  std::vector<std::string> nodes;
  int first = 0;
  int last = 0;
  char dash = 0;
  for (std::string rest; file >> first >> dash >> last && std::getline(file, rest);) {
    if (first <= opset && opset <= last) nodes.push_back(rest.substr(1));
  }
  return nodes;
}

// The nodes that the file lists, in its order.
void AddNodes(Graph& graph) {
  const Value x = graph.Input("x", DType::kFloat32, {1, 8, 16, 16});
  const Value indices = graph.Input("indices", DType::kInt64, {1, 8, 16, 16});
  const Value is_true = graph.Input("is_true", DType::kBool, {1, 8, 16, 16});
  const auto weight = [&](tensor::Shape shape) {
    return graph.Input("weight", DType::kFloat32, std::move(shape));
  };
  Conv(x, weight({8, 4, 3, 3}), {}, {.stride = 2, .padding = 1, .groups = 2});
  Conv(x, weight({4, 8, 1, 1}), {}, {});
  ConvTranspose(x, weight({8, 4, 2, 2}), {}, 2);
  MaxPool(x, 5, 1, 2);
  GlobalAveragePool(x);
  AveragePool(x, 2, 2);
  InstanceNormalization(x, weight({8}), weight({8}), 0.5F);
  Upsample(x, 2);
  for (const auto& op : {Add, Sub, Mul, Div, Max, Min, Greater, Equal}) op(x, x);
  Where(is_true, x, x);
  for (const auto& op : {Abs, Relu}) op(x);
  LeakyRelu(x, 0.1F);
  LeakyRelu(x, 0.01F);
  Elu(x, 0.5F);
  PRelu(x, weight({8, 1, 1}));
  Sigmoid(x);
  HardSigmoid(x, 1.0F / 6, 0.5F);
  for (const auto& op : {Tanh, Exp, Erf, Softplus, Sqrt, Softmax}) op(x);
  Pow(x, 2);
  MatMul(x, x);
  Clip(x, 0, 6);
  Cast(x, DType::kFloat16);
  ReduceMax(x, 1);
  ReduceMax(x, 1, true);
  ReduceMin(x, 1);
  ReduceSum(x, 1);
  ReduceSum(x, 1, true);
  ReduceMean(x, 1);
  ReduceMean(x, 1, true);
  ArgMax(x, 1);
  TopK(x, Int64s(graph, {3}), 2);
  Concat({x, x}, 1);
  Reshape(x, tensor::Shape{1, -1, 4});
  Transpose(x, {0, 2, 3, 1});
  Split(x, 1, {3, 5});
  Slice(x, 1, 1, 3);
  PadEnds(x, {0, 0, 1, 2});
  Expand(x, Int64s(graph, {3, 8, 16, 16}));
  Gather(x, Int64s(graph, {1, 2}), 1);
  GatherElements(x, indices, 2);
}

// Operator and attributes of each line of Listing().
std::vector<std::string> Written(const Graph& graph) {
  std::istringstream text(Listing(graph));
  std::vector<std::string> nodes;
  for (std::string line; std::getline(text, line);) {
    const std::size_t op = line.find(" = ");
    if (op == std::string::npos) continue;
    const std::string name = line.substr(op + 3, line.find('(', op) - op - 3);
    nodes.push_back(name + line.substr(line.rfind(')') + 1));
  }
  return nodes;
}

class OpsAttributesTest : public testing::TestWithParam<int> {};

TEST_P(OpsAttributesTest, AreThoseOfTorch) {
  Graph graph(GetParam());
  AddNodes(graph);
  const std::vector<std::string> expected = WrittenByTorch(GetParam());
  EXPECT_GT(expected.size(), 40U);
  EXPECT_EQ(Written(graph), expected);
}

INSTANTIATE_TEST_SUITE_P(Opsets, OpsAttributesTest, testing::Range(11, 18));

TEST(OpsAttributesTest, ABetaThatIsNotTheDefaultIsStated) {
  Graph graph(11);
  HardSigmoid(graph.Input("x", DType::kFloat32, {1}), 0.25F, 0.375F);
  EXPECT_THAT(Written(graph), testing::ElementsAre("HardSigmoid alpha=0.25 beta=0.375"));
}

}  // namespace
}  // namespace yoloport::graph
