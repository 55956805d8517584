#include "onnx/read/reader.h"

#include <gtest/gtest.h>

#include <fstream>

#include "graph/ops.h"
#include "onnx/read/test_models.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/wire_edit.h"
#include "testing/error_of.h"
#include "testing/run_graph.h"
#include "testing/temporary_folder.h"
#include "yoloport/error.h"

namespace yoloport::onnx::read {
namespace {

namespace fs = std::filesystem;
using tensor::Tensor;
using test_support::RunFile;

class ReaderTest : public test_support::TemporaryFolder {
 protected:
  fs::path Write(const std::string& bytes) const {
    const fs::path path = folder_ / "model.onnx";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  // The bytes of what is read from `bytes` and written again.
  std::string Reread(const std::string& bytes) const {
    WriteOnnx(ReadOnnx(Write(bytes)), folder_ / "copy.onnx");
    return test_support::Contents(folder_ / "copy.onnx");
  }

  // What is said of a file with these bytes, without its name.
  std::string ErrorOf(const std::string& bytes) const {
    const fs::path path = Write(bytes);
    const std::string message = test_support::MessageOf<ModelError>([&] { ReadOnnx(path); });
    return message == "no error" ? message : message.substr(path.native().size() + 4);
  }
};

// An image, 1 x CHANNELS x SIDE x SIDE, of rising numbers.
Tensor Ramp(std::int64_t channels, std::int64_t side) {
  std::vector<float> values(static_cast<std::size_t>(channels * side * side));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 16;
  return Tensor::Of<float>({1, channels, side, side}, values);
}

class OpsetTest : public ReaderTest, public testing::WithParamInterface<int> {};

TEST_P(OpsetTest, ComputesTheSame) {
  const std::string model = RunnableModel(GetParam());
  const std::string copy = Reread(model);
  EXPECT_EQ(NormalText(model), NormalText(copy));
  const std::vector inputs = {Ramp(3, 4)};
  const auto expected = RunFile(folder_ / "model.onnx", inputs);
  const auto found = RunFile(folder_ / "copy.onnx", inputs);
  ASSERT_EQ(found.size(), 1U);
  EXPECT_TRUE(std::ranges::equal(expected[0].bytes(), found[0].bytes()));
  EXPECT_TRUE(copy == Reread(copy));
}

INSTANTIATE_TEST_SUITE_P(Opsets, OpsetTest, testing::Range(9, 23));

TEST_F(ReaderTest, WhatAGraphHasNoTypeForStaysAsItIs) {
  const std::string model = OddModel();
  const std::string copy = Reread(model);
  EXPECT_EQ(NormalText(model), NormalText(copy));
  EXPECT_TRUE(copy == Reread(copy));
}

TEST_F(ReaderTest, TellsWhatTheFileStatesAndNoMore) {
  const OnnxFile file = ReadOnnx(Write(RunnableModel(13)));
  const graph::Graph& graph = *file.graph;
  EXPECT_EQ(graph.opset(), 13);
  EXPECT_EQ(file.header.producer_name, "others");
  EXPECT_EQ(file.header.graph_name, "net");
  const auto& input = graph.value(graph.inputs().at(0));
  EXPECT_EQ(input.name, "x");
  EXPECT_EQ(input.shape, (tensor::Shape{1, 3, 4, 4}));
  const auto& gain = graph.value(graph.inputs().at(1));
  EXPECT_FALSE(gain.default_value.has_value());  // not stored as raw data: kept as bytes
  const graph::Node& conv = graph.nodes().at(0);
  EXPECT_EQ(std::get<std::vector<std::int64_t>>(conv.attributes.at("pads")),
            (std::vector<std::int64_t>{1, 1, 1, 1}));
  EXPECT_TRUE(graph.value(conv.outputs.at(0)).is_stated);
  const graph::Node& pool = graph.nodes().at(1);
  EXPECT_FALSE(graph.value(pool.outputs.at(0)).has_dtype);
  const auto& weight = std::get<Tensor>(graph.value(conv.inputs.at(1)).constant);
  EXPECT_EQ(weight.values<float>()[8], 1.0F / 8);
  const graph::Node& branches = graph.nodes().at(3);
  EXPECT_EQ(branches.op, "If");
  ASSERT_EQ(branches.captured.size(), 1U);
  EXPECT_EQ(graph.value(branches.captured[0]).name, "scaled");
}

// --- Files as bytes: fields that libonnx would not write ---

std::string Field(std::uint64_t number, std::string_view bytes) {
  std::string out;
  wire::AppendBytes(out, number, bytes);
  return out;
}
std::string Number(std::uint64_t number, std::int64_t value) {
  std::string out;
  wire::AppendInt(out, number, value);
  return out;
}
std::string ModelOf(const std::string& graph) {
  return Number(wire::model_proto::kIrVersion, 8) + Field(wire::model_proto::kGraph, graph);
}
std::string NodeOf(const std::string& input, const std::string& output) {
  return Field(wire::graph_proto::kNode, Field(wire::node_proto::kInput, input) +
                                             Field(wire::node_proto::kOutput, output) +
                                             Field(wire::node_proto::kType, "Relu"));
}
std::string ValueOf(std::uint64_t field, const std::string& name) {
  return Field(field, Field(wire::value_proto::kName, name));
}
std::string TensorOf(const std::string& name, std::int64_t type, const tensor::Shape& dims,
                     const std::string& rest) {
  std::string tensor =
      Field(wire::tensor_proto::kName, name) + Number(wire::tensor_proto::kDataType, type);
  for (const std::int64_t extent : dims) tensor += Number(wire::tensor_proto::kDims, extent);
  return Field(wire::graph_proto::kInitializer, tensor + rest);
}

TEST_F(ReaderTest, RefusesWhatIsNotAGraph) {
  const std::string x = ValueOf(wire::graph_proto::kInput, "x");
  EXPECT_EQ(ErrorOf(ModelOf(x + NodeOf("y", "z"))),
            "the node '' ('Relu') reads 'y', which no input, weight or node gives");
  EXPECT_EQ(ErrorOf(ModelOf(x + NodeOf("x", "y") + NodeOf("x", "y"))),
            "two inputs, weights or results are called 'y'");
  EXPECT_EQ(ErrorOf(ModelOf(x + x)), "two inputs, weights or results are called 'x'");
  EXPECT_EQ(ErrorOf(ModelOf(x + ValueOf(wire::graph_proto::kOutput, "y"))),
            "no input, weight or node gives the output 'y'");
  const std::string attribute =
      Field(wire::node_proto::kAttribute, Field(wire::attribute_proto::kName, "a"));
  EXPECT_EQ(ErrorOf(ModelOf(Field(wire::graph_proto::kNode,
                                  Field(wire::node_proto::kType, "Relu") + attribute + attribute))),
            "the node '' has two attributes 'a'");
  EXPECT_EQ(ErrorOf(ModelOf(x + NodeOf("x", "y") + NodeOf("y", "z"))), "no error");
  EXPECT_EQ(ErrorOf(ModelOf(NodeOf("y", "z") + NodeOf("x", "y") + x)), "no error");
}

TEST_F(ReaderTest, RefusesElementsThatDoNotFit) {
  const std::string raw = Field(wire::tensor_proto::kRawData, "12345678");
  EXPECT_EQ(ErrorOf(ModelOf(TensorOf("w", 1, {2}, raw))), "no error");
  EXPECT_EQ(ErrorOf(ModelOf(TensorOf("w", 1, {3}, raw))),
            "the tensor 'w', float32 of shape 3, has 8 bytes of elements; expected 12");
  EXPECT_EQ(ErrorOf(ModelOf(TensorOf("w", 1, {-1}, raw))),
            "the tensor 'w' has the impossible shape -1");
  const std::int64_t large = std::int64_t{1} << 40;
  EXPECT_EQ(ErrorOf(ModelOf(TensorOf("w", 1, {large, large}, raw))),
            "the tensor 'w' has the impossible shape 1099511627776x1099511627776");
  EXPECT_EQ(ErrorOf(ModelOf(TensorOf("w", 1, {large}, ""))),
            "the tensor 'w', float32 of shape 1099511627776, has 0 elements; expected "
            "1099511627776");
  EXPECT_EQ(ErrorOf(ModelOf(TensorOf("w", 7, {2}, Field(wire::tensor_proto::kInt64Data, "\1\2")))),
            "no error");
  EXPECT_EQ(ErrorOf(ModelOf(TensorOf("w", 7, {2}, Field(wire::tensor_proto::kInt64Data, "\1")))),
            "the tensor 'w', int64 of shape 2, has 1 elements; expected 2");
  EXPECT_EQ(
      ErrorOf(ModelOf(TensorOf("w", 7, {2}, Field(wire::tensor_proto::kInt64Data, "\1\xff")))),
      "has a broken list of elements");
}

TEST_F(ReaderTest, EveryCutIsAnErrorOrAGraph) {
  const std::string model = RunnableModel(13);
  for (std::size_t length = 0; length < model.size(); ++length) {
    ErrorOf(model.substr(0, length));  // throws nothing else
  }
}

// --- Weights ---

std::string External(const std::string& location, const std::string& offset) {
  const auto entry = [](const std::string& key, const std::string& value) {
    return Field(wire::tensor_proto::kExternalData,
                 Field(wire::entry_proto::kKey, key) + Field(wire::entry_proto::kValue, value));
  };
  return entry("location", location) + entry("offset", offset) + entry("length", "8") +
         Number(wire::tensor_proto::kDataLocation, 1);
}

TEST_F(ReaderTest, WeightsInOtherFilesAreTakenAlong) {
  std::ofstream(folder_ / "w.bin") << "0123456789";
  const std::string inside =
      ModelOf(TensorOf("w", 1, {2}, Field(wire::tensor_proto::kRawData, "23456789")));
  const std::string outside = ModelOf(TensorOf("w", 1, {2}, External("w.bin", "2")));
  EXPECT_EQ(NormalText(Reread(outside)), NormalText(Reread(inside)));
  EXPECT_EQ(ErrorOf(ModelOf(TensorOf("w", 1, {1}, External("w.bin", "2")))),
            "the tensor 'w' lies in 'w.bin', which has 8 bytes for it; expected 4");
  EXPECT_EQ(ErrorOf(ModelOf(TensorOf("w", 1, {2}, External("../w.bin", "2")))),
            "the data of tensor 'w' are said to be in '../w.bin', outside the model's folder");
  EXPECT_EQ(ErrorOf(ModelOf(TensorOf("w", 8, {2}, External("w.bin", "2")))),
            "a tensor within the weight 'w' of type 8 has its elements in another file, which is "
            "not supported");
}

// A weight is not looked at before somebody asks for it, and then where it lies in the file.
TEST_F(ReaderTest, LargeWeightsStayInTheFile) {
  const std::string elements(1 << 20, 'x');
  const fs::path path =
      Write(ModelOf(TensorOf("w", 2, {1 << 20}, Field(wire::tensor_proto::kRawData, elements))));
  const OnnxFile file = ReadOnnx(path);
  const auto& weight = file.graph->value(file.graph->constants().at(0));
  const Tensor tensor = std::get<graph::LazyTensor>(weight.constant).make();
  const auto mapped = file.sources.at(0)->bytes();
  EXPECT_GE(tensor.bytes().data(), mapped.data());
  EXPECT_LE(tensor.bytes().data() + tensor.byte_size(), mapped.data() + mapped.size());
}

TEST_F(ReaderTest, AGraphOutlivesItsFile) {
  const std::string elements(1 << 20, 'x');
  OnnxFile file = ReadOnnx(
      Write(ModelOf(TensorOf("w", 2, {1 << 20}, Field(wire::tensor_proto::kRawData, elements)))));
  const std::unique_ptr<graph::Graph> graph = std::move(file.graph);
  file = {};
  const auto& weight = graph->value(graph->constants().at(0));
  EXPECT_EQ(std::get<graph::LazyTensor>(weight.constant).make().values<std::uint8_t>()[7], 'x');
}

TEST_F(ReaderTest, AFileThatChangesIsNotWritten) {
  const fs::path path = Write(RunnableModel(13));
  const OnnxFile file = ReadOnnx(path);
  fs::resize_file(path, fs::file_size(path) - 1);
  EXPECT_THROW(WriteOnnx(file, folder_ / "copy.onnx"), FileError);
  EXPECT_EQ(EntryCount(), 1U);
}

// --- Going on with a graph that was read ---

TEST_F(ReaderTest, NodesCanBeAdded) {
  OnnxFile file = ReadOnnx(Write(RunnableModel(13)));
  graph::Graph& g = *file.graph;
  const graph::Value x = g.Input("more", tensor::DType::kFloat32, {1, 2, 2, 2});
  const graph::Value sum = graph::Relu(x);
  EXPECT_EQ(g.UniqueName("conv"), "conv_1");  // names of the file are taken
  g.Output(sum, "relu");
  WriteOnnx(file, folder_ / "copy.onnx");
  const std::vector inputs = {Ramp(3, 4), Ramp(2, 2)};
  EXPECT_EQ(RunFile(folder_ / "copy.onnx", inputs).size(), 2U);
}

TEST_F(ReaderTest, WhatIsNotStatedIsNotGuessed) {
  OnnxFile file =
      ReadOnnx(Write(ModelOf(ValueOf(wire::graph_proto::kInput, "x") + NodeOf("x", "y"))));
  const graph::Value y = file.graph->Handle(file.graph->nodes().at(0).outputs.at(0));
  EXPECT_EQ(test_support::MessageOf<ModelError>([&] { graph::Relu(y); }),
            "the element type of 'y' is not known");
}

}  // namespace
}  // namespace yoloport::onnx::read
