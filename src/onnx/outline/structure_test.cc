#include "onnx/outline/structure.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/text.h"
#include "onnx/outline/limits.h"
#include "onnx/outline/operators.h"
#include "yoloport/error.h"

namespace yoloport::onnx::outline {
namespace {

namespace fs = std::filesystem;

// Fields of a protocol buffers message; lengths here stay below 128 or take two bytes.
std::string Varint(std::size_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  return out + static_cast<char>(value);
}
std::string Number(unsigned field, std::size_t value) {
  return Varint(field << 3).append(Varint(value));
}
std::string Bytes(unsigned field, const std::string& bytes) {
  return Varint(field << 3 | 2U) + Varint(bytes.size()) + bytes;
}
std::string Node(const std::string& type, const std::string& rest) {
  return Bytes(1, Bytes(4, type) + rest);
}
std::string Input(const std::string& name) { return Bytes(11, Bytes(1, name)); }
std::string Model(const std::string& graph) {
  return Number(1, 8) + Bytes(8, Number(2, 17)) + Bytes(7, graph);
}

class StructureTest : public testing::Test {
 protected:
  StructureTest()
      : folder_(fs::path(testing::TempDir()) / ("structure_" + std::to_string(::getpid()))) {
    fs::create_directories(folder_);
  }
  ~StructureTest() override { fs::remove_all(folder_); }

  // What is said of a file with these contents, without its name; "" for nothing.
  std::string Check(const std::string& contents) const {
    const fs::path path = folder_ / "m.onnx";
    std::ofstream(path, std::ios::binary) << contents;
    try {
      CheckOnnxStructure(path);
    } catch (const ModelError& error) {
      return error.message().substr(base::Quote(path.native()).size() + 2);
    }
    return "";
  }

  fs::path folder_;
};

TEST_F(StructureTest, AcceptsOrdinaryFiles) {
  EXPECT_EQ(Check(Model(Input("x") + Node("Relu", Bytes(1, "x") + Bytes(2, "y")))), "");
  EXPECT_NO_THROW(CheckOnnxStructure("testdata/detect/brightness.onnx"));
  // Nodes in any order; names of the graph around; optional inputs without a name.
  EXPECT_EQ(Check(Model(Node("Relu", Bytes(1, "y") + Bytes(2, "z")) + Input("x") +
                        Node("Clip", Bytes(1, "x") + Bytes(1, "") + Bytes(2, "y")))),
            "");
}

TEST_F(StructureTest, NamesThatNothingGives) {
  const std::string relu = Node("Relu", Bytes(1, "x") + Bytes(2, "y"));
  EXPECT_EQ(Check(Model(relu)),
            "the node '' ('Relu') reads 'x', which no input, weight or node gives");
  EXPECT_EQ(Check(Model(Bytes(12, Bytes(1, "y")))),
            "no input, weight or node gives the output 'y'");
  // Weights, dense and sparse.
  EXPECT_EQ(Check(Model(relu + Bytes(5, Bytes(8, "x")) + Bytes(12, Bytes(1, "y")))), "");
  EXPECT_EQ(Check(Model(relu + Bytes(15, Bytes(1, Bytes(8, "x"))))), "");
}

// A graph inside another reads the names around it, never those of its neighbors.
TEST_F(StructureTest, NamesOfGraphsInGraphs) {
  const auto branch = [](const std::string& in, const std::string& out) {
    return Bytes(5,
                 Bytes(6, Node("Relu", Bytes(1, in) + Bytes(2, out)) + Bytes(12, Bytes(1, out))));
  };
  EXPECT_EQ(Check(Model(Input("x") + Node("If", branch("x", "a") + branch("late", "b")) +
                        Node("Relu", Bytes(1, "x") + Bytes(2, "late")))),
            "");
  const std::string refused =
      "the node '' ('Relu') reads 'a', which no input, weight or node gives";
  EXPECT_EQ(Check(Model(Input("x") + Node("If", branch("x", "a") + branch("a", "b")))), refused);
  EXPECT_EQ(Check(Model(Input("x") + Node("If", branch("x", "a")) +
                        Node("Relu", Bytes(1, "a") + Bytes(2, "b")))),
            refused);
}

TEST_F(StructureTest, DataInTheFolderAreFine) {
  fs::create_directories(folder_ / "sub");
  std::ofstream(folder_ / "sub/w.bin") << "0123456789";
  const auto entry = [](const std::string& key, const std::string& value) {
    return Bytes(13, Bytes(1, key) + Bytes(2, value));
  };
  const std::string tensor = Bytes(8, "w") + entry("location", "sub/w.bin") + entry("offset", "4");
  EXPECT_EQ(Check(Model(Bytes(5, tensor))), "");
  EXPECT_EQ(Check(Model(Bytes(5, tensor + entry("length", "6")))), "");
  EXPECT_EQ(Check(Model(Bytes(5, tensor + entry("length", "7")))),
            "the data of tensor 'w' are said to be '7' bytes at byte '4' of 'sub/w.bin', which "
            "has 10");
  EXPECT_EQ(DataFilesOf(folder_ / "m.onnx"), std::vector<fs::path>());
  Check(Model(Bytes(5, tensor) + Bytes(5, tensor)));
  EXPECT_EQ(CheckOnnxStructure(folder_ / "m.onnx"), std::vector<fs::path>{"sub/w.bin"});
  EXPECT_EQ(DataFilesOf(folder_ / "m.onnx"), std::vector<fs::path>{folder_ / "sub/w.bin"});
  EXPECT_EQ(DataFilesOf(folder_ / "missing.onnx"), std::vector<fs::path>());
  // In whatever place a tensor may stand.
  const std::string outside = Bytes(8, "w") + entry("location", "/etc/passwd");
  const std::string refused =
      "the data of tensor 'w' are said to be in '/etc/passwd', outside the model's folder";
  EXPECT_EQ(Check(Model(Node("Constant", Bytes(5, Bytes(5, outside))))), refused);
  EXPECT_EQ(Check(Model(Node("Constant", Bytes(5, Bytes(10, outside))))), refused);
  EXPECT_EQ(Check(Model(Node("Constant", Bytes(5, Varint(22 << 3 | 2) + Varint(2 + outside.size()) +
                                                      Bytes(1, outside))))),
            refused);
  EXPECT_EQ(Check(Model(Node("If", Bytes(5, Bytes(6, Bytes(5, outside)))))), refused);
}

TEST_F(StructureTest, FunctionsOfTheFileAreOperators) {
  const std::string use = Model(Input("x") + Node("Mine", Bytes(1, "x") + Bytes(2, "y")));
  EXPECT_EQ(Check(use), "node '' is of type 'Mine', an operator that ONNX does not have");
  const auto with_function = [&](const std::string& rest) {
    return use + Varint(25 << 3 | 2) + Varint(rest.size() + 6) + Bytes(1, "Mine") + rest;
  };
  const std::string body = Bytes(7, Bytes(4, "Relu") + Bytes(1, "a") + Bytes(2, "b"));
  EXPECT_EQ(Check(with_function(Bytes(4, "a") + Bytes(5, "b") + body)), "");
  EXPECT_EQ(Check(with_function(body)),
            "the node '' ('Relu') reads 'a', which no input, weight or node gives");
  EXPECT_EQ(Check(with_function(Bytes(4, "a") + Bytes(5, "c") + body)),
            "no input, weight or node gives the output 'c'");
  EXPECT_EQ(Check(Model(Bytes(1, Bytes(4, "NhwcConv") + Bytes(7, "com.microsoft")))), "");
}

TEST_F(StructureTest, CirclesOfAnyLength) {
  std::string graph;
  constexpr int kNodes = 1000;
  for (int i = 0; i < kNodes; ++i) {
    graph += Node("Relu", Bytes(1, std::string("v").append(std::to_string(i))) +
                              Bytes(2, std::string("v").append(std::to_string((i + 1) % kNodes))));
  }
  EXPECT_EQ(Check(Model(graph)), "is no graph: node '' ('Relu') waits for its own result");
}

// Protocol buffers join the two messages of a field that stands twice.
TEST_F(StructureTest, MessagesThatReadersWouldJoin) {
  const std::string half = Node("Relu", Bytes(1, "b") + Bytes(2, "a"));
  const std::string other = Node("Relu", Bytes(1, "a") + Bytes(2, "b"));
  EXPECT_EQ(Check(Model(half) + Bytes(7, other)), "has two graphs, and readers would join them");
  const std::string joined =
      "an attribute of node 'n' has two graphs or tensors, and readers "
      "would join them";
  const auto with_attribute = [](const std::string& attribute) {
    return Model(Input("a") + Input("b") + Node("If", Bytes(3, "n") + Bytes(5, attribute)));
  };
  EXPECT_EQ(Check(with_attribute(Bytes(6, half) + Bytes(6, other))), joined);
  EXPECT_EQ(Check(with_attribute(Bytes(5, "") + Bytes(5, ""))), joined);
  EXPECT_EQ(Check(with_attribute(Bytes(22, "") + Bytes(22, ""))), joined);
  EXPECT_EQ(Check(with_attribute(Bytes(22, Bytes(1, "") + Bytes(1, "")))),
            "a sparse tensor has two of values or indices, and readers would join them");
  // These may stand any number of times.
  EXPECT_EQ(Check(with_attribute(Bytes(11, half) + Bytes(11, other) + Bytes(10, ""))), "");
  EXPECT_EQ(Check(with_attribute(Bytes(6, half))), "");
}

TEST_F(StructureTest, BrokenMessages) {
  EXPECT_EQ(Check(Model(Bytes(1, "\x0a\x7f"))), "is a damaged ONNX file");
  EXPECT_EQ(Check(Model(Bytes(5, Bytes(13, "\x0a\x7f")))), "is a damaged ONNX file");
}

TEST(OperatorsTest, KnowsOldAndNewOnes) {
  EXPECT_TRUE(IsOnnxOperator("Upsample"));  // gone since opset 10
  EXPECT_TRUE(IsOnnxOperator("RMSNormalization"));
  EXPECT_FALSE(IsOnnxOperator("Frobnicate"));
  EXPECT_FALSE(IsOnnxOperator(""));
}

}  // namespace
}  // namespace yoloport::onnx::outline
