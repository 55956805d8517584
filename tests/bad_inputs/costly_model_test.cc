// ONNX files and JSON made to cost as much as they can, and graphs that hide what they are: entries
// 81 to 83 of the catalogue in docs/security.md.
#include "bad_inputs/bad_input.h"
#include "bad_inputs/costly_names.h"
#include "testing/files/tiny_onnx.h"

namespace yoloport::bad_inputs {
namespace {

namespace fs = std::filesystem;
using test_support::tiny_onnx::Bytes;
using test_support::tiny_onnx::Model;
using test_support::tiny_onnx::Number;

class CostlyModel : public BadInput {
 protected:
  CostlyModel() { fs::copy_file(source_ / "demo/page1.png", folder_ / "page.png"); }

  static std::string Head() { return Number(1, 7) + Bytes(8, Number(2, 11)); }
};

TEST_F(CostlyModel, E81NamesThatCollide) {
  const auto names = CollidingNames(20'000);
  std::string graph;
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    graph += Bytes(1, Bytes(1, names[i]) + Bytes(2, names[i + 1]) + Bytes(4, "Relu"));
  }
  graph += Bytes(1, Bytes(1, names.back()) + Bytes(2, names.front()) + Bytes(4, "Relu"));
  Write("model.onnx", Head() + Bytes(7, graph));
  ExpectCheaplyRefused(
      {"detect", "page.png", "model.onnx", "--out-dir", "out"},
      "error: 'model.onnx': is no graph: node '' ('Relu') waits for its own result\n");
  std::string functions;
  for (const std::string& name : names) functions += Bytes(25, Bytes(1, name));
  Write("model.onnx", Head() + functions + Bytes(7, Bytes(1, Bytes(4, "Frobnicate"))));
  ExpectCheaplyRefused({"detect", "page.png", "model.onnx", "--out-dir", "out"},
                       "error: 'model.onnx': node '' is of type 'Frobnicate', an operator that "
                       "ONNX does not have\n");
  std::string results = Bytes(11, Bytes(1, "x"));
  for (const std::string& name : names) {
    results += Bytes(1, Bytes(1, "x") + Bytes(2, name) + Bytes(4, "Relu"));
  }
  Write("model.onnx", Head() + Bytes(7, results));
  ExpectCheaplyRefused({"set", "model.onnx", "--score-threshold", "0.5"},
                       "error: 'model.onnx': was not written by yoloport\n"
                       "hint: its thresholds are not known; export it with yoloport\n");
}

// ONNX Runtime looks for each of them for as long as the rest of the graph.
TEST_F(CostlyModel, E81NamesThatNothingGives) {
  std::string graph = Bytes(11, Bytes(1, "x"));
  for (int i = 0; i < 20'000; ++i) {
    graph += Bytes(1, Bytes(1, "a" + std::to_string(i)) + Bytes(2, "b" + std::to_string(i)) +
                          Bytes(4, "Relu"));
  }
  Write("model.onnx", Head() + Bytes(7, graph));
  ExpectCheaplyRefused({"detect", "page.png", "model.onnx", "--out-dir", "out"},
                       "error: 'model.onnx': the node '' ('Relu') reads 'a0', which no "
                       "input, weight or node gives\n"
                       "hint: the file is damaged: export or download it again\n");
}

TEST_F(CostlyModel, E82KeysOfMetadata) {
  std::string properties;
  for (int i = 0; i < 85'000; ++i) {
    properties += Bytes(14, Bytes(1, std::to_string(i)) + Bytes(2, ""));
  }
  const std::string graph = Bytes(7, Bytes(2, "g"));
  Write("model.onnx", Head() + graph + properties);
  for (const auto& arguments :
       {std::vector<std::string>{"inspect", "model.onnx", "--json"}, {"inspect", "model.onnx"}}) {
    const test_support::Outcome outcome = RunCheaply(arguments);
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    EXPECT_NE(outcome.out.find("not written by yoloport"), std::string::npos);
  }
  std::string document = "{";
  for (int i = 0; i < 120'000; ++i) document += "\"" + std::to_string(i) + "\":0,";
  document += "\"format\":1}";
  Write("model.onnx", Head() + graph + Bytes(14, Bytes(1, "yoloport") + Bytes(2, document)));
  ExpectCheaplyRefused({"set", "model.onnx", "--score-threshold", "0.5"},
                       "error: 'model.onnx': metadata: type: is missing\n");
  const std::string deep(1'000'000, '[');
  Write("model.onnx", Head() + graph + Bytes(14, Bytes(1, "yoloport") + Bytes(2, deep)));
  const char* deeper = "error: 'model.onnx': metadata: is nested deeper than 16\n";
  ExpectCheaplyRefused({"set", "model.onnx", "--score-threshold", "0.5"}, deeper);
  ExpectCheaplyRefused({"package", "model.onnx", "--target", "triton", "--output", "p"}, deeper);
}

TEST_F(CostlyModel, E82DescriptionFiles) {
  Write("names.txt", std::string(1'000'000, '['));
  Write("model.onnx",
        Model().Input("images", test_support::tiny_onnx::kFloat, {1, 3, 32, 32}).Serialised());
  ExpectCheaplyRefused({"detect", "page.png", "model.onnx", "--class-names", "names.txt"},
                       "error: 'names.txt', line 1: is not a list of texts\n"
                       "hint: one class name a line, or a JSON list of texts\n",
                       2);
}

TEST_F(CostlyModel, E82Journals) {
  fs::copy_file(source_ / "testdata/detect/brightness.onnx", folder_ / "model.onnx");
  std::string keys = "{";
  for (int i = 0; i < 80'000; ++i) keys += "\"" + std::to_string(i) + "\":0,";
  keys += "\"x\":0}";
  const std::string deep = std::string(500'000, '[') + std::string(500'000, ']');
  for (const std::string& options : {keys, deep}) {
    Write("out/detections.resume",
          R"({"yoloport_resume":1,"model":"0","options":)" + options + "}\n");
    ExpectCheaplyRefused(
        {"detect", "page.png", "model.onnx", "--out-dir", "out", "--resume"},
        "error: 'out/detections.resume': was begun with another model\n"
        "hint: give the options of the first run, or delete that file to begin anew\n",
        2);
  }
}

TEST_F(CostlyModel, E83GraphsThatReadersJoin) {
  const auto relu = [](const std::string& from, const std::string& to) {
    return Bytes(1, Bytes(1, from) + Bytes(2, to) + Bytes(4, "Relu"));
  };
  Write("model.onnx", Head() + Bytes(7, relu("b", "a")) + Bytes(7, relu("a", "b")));
  ExpectRefused({"detect", "page.png", "model.onnx", "--out-dir", "out"},
                "error: 'model.onnx': has two graphs, and readers would join them\n"
                "hint: no program writes such files: export or download it again\n");
}

}  // namespace
}  // namespace yoloport::bad_inputs
