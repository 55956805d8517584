#include "onnx/write/writer.h"

#include <gtest/gtest.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "graph/ops.h"
#include "testing/contents.h"
#include "yoloport/error.h"

namespace yoloport::onnx::write {
namespace {

namespace fs = std::filesystem;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

Tensor Ramp(const Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(tensor::ElementCount(shape)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  return Tensor::Of<float>(shape, std::move(values));
}

// A convolution with a weight large enough to be written behind the message, and a small bias.
void Build(graph::Graph& g) {
  const graph::Value x = g.Input("images", DType::kFloat32, {1, 8, 16, 16});
  const Shape shape = {16, 8, 3, 3};
  const graph::Value weight =
      g.Constant(graph::LazyTensor{DType::kFloat32, shape, [shape] { return Ramp(shape); }}, "w");
  const graph::Value bias = g.Constant(Ramp({16}), "b");
  g.Output(graph::Upsample(graph::Conv(x, weight, bias, {.padding = 1}, "conv"), 2), "out");
}

std::string Write(int opset, const fs::path& path, const MetadataSource& metadata = nullptr) {
  graph::Graph g(opset);
  Build(g);
  CheckOnnx(g);
  const std::uint64_t size = WriteOnnx(g, {"1.2.3", "net"}, path, metadata);
  EXPECT_EQ(size, fs::file_size(path));
  return test_support::Contents(path);
}

class WriterTest : public testing::TestWithParam<int> {
 protected:
  fs::path path_ =
      fs::path(testing::TempDir()) / ("writer_test_" + std::to_string(GetParam()) + ".onnx");
};

TEST_P(WriterTest, OnnxReadsItBack) {
  const std::string bytes = Write(GetParam(), path_, [](const auto&) {
    return std::map<std::string, std::string>{{"b", "2"}, {"a", "1"}};
  });
  ::onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(bytes));
  EXPECT_NO_THROW(::onnx::checker::check_model(model));
  EXPECT_EQ(model.producer_name(), "yoloport");
  EXPECT_EQ(model.opset_import(0).version(), GetParam());
  EXPECT_EQ(model.metadata_props(0).key(), "a");
  EXPECT_EQ(model.metadata_props(1).value(), "2");
  ASSERT_EQ(model.graph().node_size(), 2);
  EXPECT_EQ(model.graph().node(0).name(), "conv");
  const Tensor expected = Ramp({16, 8, 3, 3});
  for (const ::onnx::TensorProto& tensor : model.graph().initializer()) {
    if (tensor.name() != "w") continue;
    EXPECT_EQ(tensor.raw_data(), std::string(reinterpret_cast<const char*>(expected.bytes().data()),
                                             expected.byte_size()));
    return;
  }
  FAIL() << "no weight";
}

TEST_P(WriterTest, EqualInputGivesEqualBytes) {
  const std::string first = Write(GetParam(), path_);
  EXPECT_EQ(first, Write(GetParam(), path_));
}

INSTANTIATE_TEST_SUITE_P(Opsets, WriterTest, testing::Range(11, 18));

TEST(WriteOnnxTest, StatesWhichDynamicExtentsAreEqual) {
  graph::Graph g(11);
  const graph::Value known = graph::Relu(g.Input("a", DType::kFloat32, {1, 3, 4, 4}));
  const graph::Value x = graph::Relu(g.Input("b", DType::kFloat32, {1, 3, graph::kDynamic, 4}));
  for (const graph::Value value : {known, x}) g.NameDims(value, {"", "", "rows", ""});
  g.Output(known + x, "out");
  const fs::path path = fs::path(testing::TempDir()) / "writer_test_dims.onnx";
  WriteOnnx(g, {"1", "net"}, path);
  std::ifstream in(path, std::ios::binary);
  ::onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromIstream(&in));
  const ::onnx::GraphProto& proto = model.graph();
  ASSERT_EQ(proto.value_info_size(), 1);
  EXPECT_EQ(proto.value_info(0).name(), x.name());
  const auto& shape = proto.value_info(0).type().tensor_type().shape();
  EXPECT_EQ(shape.dim(2).dim_param(), "rows");
  EXPECT_EQ(shape.dim(3).dim_value(), 4);
}

TEST(CheckOnnxTest, RefusesAnOperatorThatTheOpsetLacks) {
  graph::Graph g(11);
  const graph::Value x = g.Input("x", DType::kFloat32, {1});
  graph::Node node;
  node.op = "HardSwish";  // since opset 14
  g.Output(g.Add(node, {x}, {DType::kFloat32, {1}}), "y");
  EXPECT_THROW(CheckOnnx(g), ModelError);
}

TEST(CheckOnnxTest, RefusesADeclaredShapeThatInferenceContradicts) {
  graph::Graph g(11);
  const graph::Value x = g.Input("x", DType::kFloat32, {2, 3});
  graph::Node node;
  node.op = "Relu";
  g.Output(g.Add(node, {x}, {DType::kFloat32, {2, 4}}), "y");
  EXPECT_THROW(CheckOnnx(g), ModelError);
}

TEST(WriteOnnxTest, AFailedWeightLeavesTheOldFile) {
  const fs::path path = fs::path(testing::TempDir()) / "writer_test_failed.onnx";
  std::ofstream(path) << "old";
  graph::Graph g(11);
  const graph::Value x = g.Input("x", DType::kFloat32, {1, 300});
  const auto fail = []() -> Tensor { throw CheckpointError("broken"); };
  g.Output(x + g.Constant(graph::LazyTensor{DType::kFloat32, {1, 300}, fail}), "y");
  EXPECT_THROW(WriteOnnx(g, {"1", "g"}, path), CheckpointError);
  std::string text;
  std::ifstream(path) >> text;
  EXPECT_EQ(text, "old");
}

TEST(WriteOnnxTest, RefusesMoreThanOneFileHolds) {
  const fs::path path = fs::path(testing::TempDir()) / "writer_test_large.onnx";
  std::ofstream(path) << "old";
  graph::Graph g(11);
  const Shape shape = {1, std::int64_t{3} << 28};
  const graph::Value x = g.Input("x", DType::kFloat32, shape);
  const auto never = []() -> Tensor { throw std::logic_error("the weight was computed"); };
  g.Output(x + g.Constant(graph::LazyTensor{DType::kFloat32, shape, never}), "y");
  try {
    WriteOnnx(g, {"1", "g"}, path);
    FAIL();
  } catch (const ModelError& error) {
    EXPECT_EQ(error.message(), "the model would take 3.0 GiB; an ONNX file holds at most 2 GiB");
  }
  std::string text;
  std::ifstream(path) >> text;
  EXPECT_EQ(text, "old");
}

TEST(WriteOnnxTest, TellsWhatIsNotANumber) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const fs::path path = fs::path(testing::TempDir()) / "writer_test_odd.onnx";
  graph::Graph g(11);
  graph::Value x = g.Input("x", DType::kFloat32, {2});
  const auto late = [] { return Tensor::Of<float>({2}, {-kInfinity, std::nanf("")}); };
  x = x + g.Constant(graph::LazyTensor{DType::kFloat32, {2}, late}, "late");
  x = x + g.Constant(Tensor::Of<float>({2}, {1, kInfinity}), "inline");
  x = x + g.Constant(Tensor::Of<float>({2}, {1, 2}), "good");
  g.Output(x, "y");
  std::string told;
  WriteOnnx(g, {"1", "g"}, path, [&](const std::vector<NonFinite>& odd) {
    for (const NonFinite& each : odd) told += each.name + " " + std::to_string(each.count) + "\n";
    return std::map<std::string, std::string>();
  });
  EXPECT_EQ(told, "inline 1\nlate 2\n");
}

TEST(WriteOnnxTest, NoMetadataNoFile) {
  const fs::path path = fs::path(testing::TempDir()) / "writer_test_checked.onnx";
  std::ofstream(path) << "old";
  graph::Graph g(11);
  g.Output(graph::Sigmoid(g.Input("x", DType::kFloat32, {1})), "y");
  const auto refuse = [](const auto&) -> std::map<std::string, std::string> {
    throw FileError("changed");
  };
  EXPECT_THROW(WriteOnnx(g, {"1", "g"}, path, refuse), FileError);
  std::string text;
  std::ifstream(path) >> text;
  EXPECT_EQ(text, "old");
}

}  // namespace
}  // namespace yoloport::onnx::write
