#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "bench_report.h"
#include "test_program.h"
#include "testing/files/tiny_onnx.h"

namespace yoloport::tool {
namespace {

namespace fs = std::filesystem;
using test_support::Outcome;
using testing::HasSubstr;

TEST(PercentilesTest, AreValuesThatWereMeasured) {
  std::vector<double> hundred;
  for (int i = 100; i >= 1; --i) hundred.push_back(i);
  const Figures figures = Percentiles(hundred);
  EXPECT_EQ(figures.median, 50);
  EXPECT_EQ(figures.p90, 90);
  EXPECT_EQ(figures.p99, 99);
  EXPECT_EQ(Percentiles({7}).p99, 7);
}

class BenchTest : public DetectProgramTest {
 protected:
  BenchTest() { command_ = "bench"; }
};

TEST_F(BenchTest, ATableOfWhatIsAskedFor) {
  MakeImage("a.png");
  const Outcome outcome = Run("@ --threads 1,2 --seconds 0.01 --images ~/a.png --json ~/b.jsonl");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("\nonnxruntime        1      1 "));
  EXPECT_THAT(outcome.out, HasSubstr("\nonnxruntime        2      1 "));
  std::ifstream file(folder_ / "b.jsonl");
  std::string line;
  for (const int threads : {1, 2}) {
    std::getline(file, line);
    const auto row = nlohmann::json::parse(line);
    EXPECT_EQ(row["threads"], threads);
    EXPECT_EQ(row["streams"], threads);
    EXPECT_EQ(row["runtime"], "onnxruntime");
    EXPECT_THAT(row["description"].get<std::string>(), HasSubstr("float32"));
    for (const char* part : {"network", "pipeline"}) {
      EXPECT_GT(row[part]["median_ms"], 0);
      EXPECT_GE(row[part]["p99_ms"], row[part]["p90_ms"]);
      EXPECT_GT(row[part]["cpu_ms"], 0);
      EXPECT_GT(row[part]["images_per_second"], 0);
    }
  }
}

TEST_F(BenchTest, MakesItsOwnPictureAndJsonOnStdout) {
  const Outcome outcome = Run("@ --seconds 0.01 --json -");
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(std::count(outcome.out.begin(), outcome.out.end(), '\n'), 1);
  EXPECT_EQ(nlohmann::json::parse(outcome.out)["model"], "testdata/detect/brightness.onnx");
}

TEST_F(BenchTest, InputsAreNotReplaced) {
  MakeImage("in/a.png");
  fs::copy_file("testdata/detect/brightness.onnx", folder_ / "m.onnx");
  fs::create_symlink("m.onnx", folder_ / "link.jsonl");
  const auto error = [&](const std::string& json) {
    const Outcome outcome = Run("~/m.onnx --seconds 0.01 --images ~/in --json ~/" + json);
    EXPECT_EQ(outcome.code, 2);
    return outcome.err;
  };
  Write("w.bin", "01234567");
  Write("weights.onnx", test_support::tiny_onnx::Model()
                            .ExternalConstant("w", test_support::tiny_onnx::kFloat, {2}, "w.bin")
                            .Serialised());
  const std::string end = "' would replace an input\nhint: choose another name\n";
  EXPECT_EQ(Run("~/weights.onnx --seconds 0.01 --json ~/w.bin").err,
            "error: --json '~/w.bin" + end);
  EXPECT_EQ(error("m.onnx"), "error: --json '~/m.onnx" + end);
  EXPECT_EQ(error("link.jsonl"), "error: --json '~/link.jsonl" + end);
  EXPECT_EQ(error("in/a.png"), "error: --json '~/in/a.png" + end);
}

TEST_F(BenchTest, WrongUsage) {
  const auto expect = [&](const std::string& arguments, const std::string& message) {
    const Outcome outcome = Run(arguments);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.err, "error: " + message + "\n");
  };
  expect("", "needs one model\nhint: yoloport bench MODEL.onnx");
  expect("@ --threads two", "--threads takes numbers from 0 to 1024, not two");
  expect("@ --seconds 0", "--seconds must be above 0 and at most 3600");
  expect("@ --runtime tvm",
         "there is no runtime 'tvm'; the runtimes are onnxruntime, openvino, tensorrt");
  EXPECT_EQ(Run("@ --images ~/missing.png").err,
            "error: '~/missing.png': no such file or folder\n");
}

}  // namespace
}  // namespace yoloport::tool
