// Building engines as far as it goes without TensorRT: what is asked for is checked before.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "contract/model_card.h"
#include "engine/engine_shapes.h"
#include "testing/files/tiny_onnx.h"
#include "yoloport/detector.h"
#include "yoloport/engine.h"
#include "yoloport/error.h"

namespace yoloport::engine {
namespace {

namespace fs = std::filesystem;
using test_support::tiny_onnx::kFloat;
using test_support::tiny_onnx::Model;

constexpr const char* kNotBuilt =
    "TensorRT is not built into this yoloport\n"
    "hint: build yoloport with -DYOLOPORT_WITH_TENSORRT=ON on a machine that has TensorRT and CUDA "
    "(docs/tensorrt.md)";

template <typename Action>
std::string ErrorOf(const Action& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

contract::ModelCard SizedInfo(int height, int width) {
  contract::ModelCard info;
  info.preprocess.height = height;
  info.preprocess.width = width;
  return info;
}

std::string Text(const std::optional<runtime::ShapeProfile>& profile) {
  if (!profile) return "fixed";
  std::string text;
  for (const tensor::Shape* shape : {&profile->min, &profile->opt, &profile->max}) {
    for (const std::int64_t extent : *shape) text += std::to_string(extent) + " ";
    text += "| ";
  }
  return text;
}

std::string Plan(const std::vector<std::string>& extents, const EngineOptions& options,
                 const std::optional<contract::ModelCard>& info = SizedInfo(320, 640)) {
  std::string text;
  const std::string error = ErrorOf([&] {
    text = Text(PlanShapes(options, {"images", "float32", extents}, info));
  });
  return text.empty() ? error : text;
}

EngineOptions Shapes(std::vector<std::int64_t> low, std::vector<std::int64_t> best,
                     std::vector<std::int64_t> high) {
  EngineOptions options;
  options.min_shape = std::move(low);
  options.opt_shape = std::move(best);
  options.max_shape = std::move(high);
  return options;
}

TEST(EngineShapesTest, AFixedFileNeedsNone) {
  EXPECT_EQ(Plan({"1", "3", "320", "640"}, {}), "fixed");
  EXPECT_EQ(Plan({"1", "3", "320", "640"}, Shapes({}, {1, 3, 320, 640}, {})), "fixed");
  EXPECT_EQ(Plan({"1", "3", "320", "640"}, Shapes({}, {}, {4, 3, 320, 640})),
            "--max-shape 4x3x320x640 does not fit the input 'images' of the file, which is "
            "'1x3x320x640'\nhint: export with --dynamic to leave extents open");
}

TEST(EngineShapesTest, WhatIsLeftOutIsTakenFromTheFile) {
  EXPECT_EQ(Plan({"N", "3", "320", "640"}, {}), "1 3 320 640 | 1 3 320 640 | 1 3 320 640 | ");
  EXPECT_EQ(Plan({"N", "3", "H", "W"}, Shapes({}, {}, {8, 3, 640, 640})),
            "1 3 320 640 | 1 3 320 640 | 8 3 640 640 | ");
  EXPECT_EQ(Plan({"N", "3", "H", "W"}, Shapes({}, {2, 3, 64, 96}, {})),
            "2 3 64 96 | 2 3 64 96 | 2 3 64 96 | ");
  contract::ModelCard pixels = SizedInfo(320, 640);
  pixels.preprocess.type = InputType::kUint8;
  pixels.preprocess.layout = InputLayout::kNhwc;
  EXPECT_EQ(Plan({"N", "H", "W", "3"}, {}, pixels), "1 320 640 3 | 1 320 640 3 | 1 320 640 3 | ");
  EXPECT_EQ(Plan({"N", "3", "32", "64"}, {}, std::nullopt), "1 3 32 64 | 1 3 32 64 | 1 3 32 64 | ");
}

TEST(EngineShapesTest, ContradictionsAreRefused) {
  EXPECT_EQ(Plan({"N", "3", "H", "W"}, {}, std::nullopt),
            "--opt-shape is missing for the input 'images' of the file, which is 'Nx3xHxW'");
  EXPECT_EQ(Plan({"N", "3", "H", "W"}, Shapes({2, 3, 320, 640}, {}, {})),
            "--min-shape 2x3x320x640 is not within --opt-shape 1x3x320x640");
  EXPECT_EQ(Plan({"N", "3", "H", "W"}, Shapes({}, {}, {4, 3, 160, 640})),
            "--opt-shape 1x3x320x640 is not within --max-shape 4x3x160x640");
  EXPECT_EQ(Plan({"N", "3", "H", "W"}, Shapes({1, 1, 320, 640}, {}, {})),
            "--min-shape 1x1x320x640 does not fit the input 'images' of the file, which is "
            "'Nx3xHxW'");
  EXPECT_EQ(Plan({"N", "3", "H", "W"}, Shapes({1, 3, 320}, {}, {})),
            "--min-shape 1x3x320 does not fit the input 'images' of the file, which is 'Nx3xHxW'");
}

class BuildEngineTest : public testing::Test {
 protected:
  BuildEngineTest()
      : folder_(fs::path(testing::TempDir()) / ("build_engine" + std::to_string(::getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    Write("m.onnx", Model()
                        .Input("images", kFloat, {1, 3, 32, 32})
                        .Output("out", kFloat, {1, 3, 32, 32})
                        .Node("Relu", {"images"}, "out")
                        .Serialised());
  }
  ~BuildEngineTest() override { fs::remove_all(folder_); }

  void Write(const char* name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }
  // The whole message, ~ for the folder.
  std::string Build(EngineOptions options) const {
    options.model = folder_ / options.model;
    if (!options.output.empty()) options.output = folder_ / options.output;
    if (!options.timing_cache.empty()) options.timing_cache = folder_ / options.timing_cache;
    std::string error = ErrorOf([&] { BuildEngine(options); });
    for (std::size_t at; (at = error.find(folder_.native())) != std::string::npos;) {
      error.replace(at, folder_.native().size(), 1, '~');
    }
    return error;
  }

  fs::path folder_;
};

EngineOptions Options(const char* model, const char* output = "") {
  EngineOptions options;
  options.model = model;
  options.output = output;
  return options;
}

TEST_F(BuildEngineTest, SaysThatTensorRtIsNotBuiltInAndLeavesNothing) {
  if (YOLOPORT_HAS_TENSORRT) GTEST_SKIP() << "tensorrt is built";
  Write("m.engine", "of before");
  EXPECT_EQ(Build(Options("m.onnx")), kNotBuilt);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 2);
  EXPECT_EQ(fs::file_size(folder_ / "m.engine"), 9U);
}

TEST_F(BuildEngineTest, ChecksTheFile) {
  EXPECT_EQ(Build(Options("missing.onnx")), "'~/missing.onnx': no such file");
  Write("text.onnx", "hello");
  EXPECT_EQ(Build(Options("text.onnx")), "'~/text.onnx': is not an ONNX file");
  Write("two.onnx", Model()
                        .Input("a", kFloat, {1})
                        .Input("b", kFloat, {1})
                        .Output("c", kFloat, {1})
                        .Node("Add", {"a", "b"}, "c")
                        .Serialised());
  EXPECT_EQ(Build(Options("two.onnx")),
            "'~/two.onnx': is no detector: it takes 'a', 'b', not one image");
}

TEST_F(BuildEngineTest, ChecksTheOptions) {
  EXPECT_EQ(Build(Options("m.onnx", "m.trt")),
            "the output '~/m.trt' is not named .engine or .plan\n"
            "hint: detect knows engines by these names");
  EngineOptions options = Options("m.onnx", "m.plan");
  options.timing_cache = "./m.plan";
  EXPECT_EQ(Build(options),
            "the model, the engine, the JSON file beside it and the timing cache must be different "
            "files");
  // Another name of the model.
  fs::create_hard_link(folder_ / "m.onnx", folder_ / "hard.plan");
  EXPECT_EQ(Build(Options("m.onnx", "hard.plan")),
            "the model, the engine, the JSON file beside it and the timing cache must be different "
            "files");
  options = Options("m.onnx");
  options.workspace_mib = -1;
  EXPECT_EQ(Build(options), "--workspace is -1, which is not between 0 and 1048576 MiB");
  options = Options("m.onnx");
  options.device = "cpu";
  EXPECT_EQ(Build(options), "an engine is for a GPU; --device is 'cpu'");
  options.device = "cuda:x";
  EXPECT_EQ(Build(options), "there is no device 'cuda:x'; devices are cpu, cuda and cuda:N");
  options = Options("m.onnx");
  options.max_shape = {2, 3, 32, 32};
  EXPECT_EQ(Build(options),
            "--max-shape 2x3x32x32 does not fit the input 'images' of the file, which is "
            "'1x3x32x32'\nhint: export with --dynamic to leave extents open");
}

TEST_F(BuildEngineTest, FindsOutBeforeTheBuildThatNothingCanBeWritten) {
  EXPECT_EQ(Build(Options("m.onnx", "missing/m.engine")).find("'~/missing/m.engine': "), 0U);
}

TEST_F(BuildEngineTest, DetectSaysThatTensorRtIsNotBuiltIn) {
  if (YOLOPORT_HAS_TENSORRT) GTEST_SKIP() << "tensorrt is built";
  Write("m.engine", "some bytes");
  const std::string expected =
      std::string(kNotBuilt) + ", or run the ONNX file that the engine was built from";
  EXPECT_EQ(ErrorOf([&] { Detector detector(folder_ / "m.engine"); }), expected);
  DetectorOptions options;
  options.runtime = "tensorrt";
  EXPECT_EQ(ErrorOf([&] { Detector detector(folder_ / "m.engine", options); }), expected);
  EXPECT_EQ(ErrorOf([&] { Detector detector(folder_ / "none.engine"); }),
            "'" + (folder_ / "none.engine").native() + "': no such file");
}

TEST_F(BuildEngineTest, AnEngineRunsInTensorRtOnly) {
  Write("m.engine", "some bytes");
  const std::string name = "'" + (folder_ / "m.engine").native() + "'";
  DetectorOptions options;
  options.runtime = "openvino";
  EXPECT_EQ(ErrorOf([&] { Detector detector(folder_ / "m.engine", options); }),
            name + ": an engine runs in the runtime tensorrt, not in openvino");
  options.runtime = "onnxruntime";
  options.device = "cpu";
  EXPECT_EQ(ErrorOf([&] { Detector detector(folder_ / "m.engine", options); }),
            "the runtime tensorrt does not run on cpu; it runs on cuda");
}

}  // namespace
}  // namespace yoloport::engine
