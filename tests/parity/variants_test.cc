// Files of one network in its variants - dynamic shapes, runtime thresholds, 8-bit input, float16 -
// find what the plain file finds, in every runtime that is built.
//
// YOLOPORT_FULL_SIZES set: dynamic files at sizes up to 640 x 640, in all combinations; that takes
// minutes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <tuple>

#include "contract/model_card.h"
#include "onnx/outline/read_metadata.h"
#include "onnx/outline/summary.h"
#include "runtime/session.h"
#include "testing/cases/cases.h"
#include "testing/cases/rows.h"
#include "testing/cases/spread_network.h"
#include "yoloport/detector.h"
#include "yoloport/error.h"
#include "yoloport/export.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using onnx::outline::ReadOnnxSummary;
using runtime::OpenSession;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;
using test_support::Tolerance;
using testing::ElementsAre;
using Outputs = std::map<std::string, Tensor>;

std::vector<std::string> BuiltRuntimes() {
  std::vector<std::string> names = {"onnxruntime"};
  if (YOLOPORT_HAS_OPENVINO) names.emplace_back("openvino");
  return names;
}

constexpr std::int64_t kKeepTopk = 300;

// Of the same arithmetic.
constexpr Tolerance kSame = {1e-4F, 0.01F};

// Of another order of operations.
constexpr Tolerance kClose = {1e-3F, 0.05F};

struct Size {
  int batch, height, width;
};

// Cuts of the first photo, repeated where they are larger, N x 3 x H x W bytes, blue first.
Tensor Pictures(const Size& size) {
  const Image page = ReadImage(test_support::Photos().front());
  const Shape shape = {size.batch, 3, size.height, size.width};
  std::vector<std::uint8_t> bytes;
  for (int image = 0; image < size.batch; ++image) {
    for (int channel = 0; channel < 3; ++channel) {
      for (int y = 0; y < size.height; ++y) {
        for (int x = 0; x < size.width; ++x) {
          const int row = (y + 40 * image) % page.height();
          const int column = (x + 60 * image) % page.width();
          const auto* pixel =
              page.data() + page.stride() * static_cast<std::size_t>(row) + 3 * column;
          bytes.push_back(pixel[channel]);
        }
      }
    }
  }
  return Tensor::Of<std::uint8_t>(shape, std::move(bytes));
}

// As the preprocessing of a float file wants them.
Tensor Normalised(const Tensor& pictures, const Preprocess& preprocess) {
  const Shape& shape = pictures.shape();
  const auto area = static_cast<std::size_t>(shape[2] * shape[3]);
  std::vector<float> planes(static_cast<std::size_t>(pictures.size()));
  for (std::size_t plane = 0; plane < planes.size() / area; ++plane) {
    const std::size_t channel = plane % 3;
    const std::size_t from = plane - channel + (preprocess.rgb ? 2 - channel : channel);
    for (std::size_t i = 0; i < area; ++i) {
      const float value = pictures.values<std::uint8_t>()[from * area + i];
      planes[plane * area + i] = (value - preprocess.mean[channel]) / preprocess.std[channel];
    }
  }
  return Tensor::Of<float>(shape, std::move(planes));
}

// As a file of 8 bits wants them.
Tensor Arranged(const Tensor& pictures, bool nhwc, bool rgb) {
  const Shape& s = pictures.shape();
  const auto from = pictures.values<std::uint8_t>();
  std::vector<std::uint8_t> to(from.size());
  const auto area = static_cast<std::size_t>(s[2] * s[3]);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t image = i / (3 * area);
    const std::size_t channel = rgb ? 2 - i / area % 3 : i / area % 3;
    const std::size_t pixel = i % area;
    to[3 * area * image + (nhwc ? 3 * pixel + channel : channel * area + pixel)] = from[i];
  }
  const Shape shape = nhwc ? Shape{s[0], s[2], s[3], 3} : s;
  return Tensor::Of<std::uint8_t>(shape, std::move(to));
}

class VariantsTest : public testing::TestWithParam<std::string> {
 protected:
  VariantsTest() { fs::create_directories(folder_); }
  ~VariantsTest() override { fs::remove_all(folder_); }

  ExportOptions PlainOptions(const Size& size) const {
    ExportOptions options;
    options.config = test_support::CasesFolder() / GetParam() / "config.py";
    options.checkpoint = test_support::CasesFolder() / GetParam() / "checkpoint.pth";
    options.batch = size.batch;
    options.height = size.height;
    options.width = size.width;
    options.keep_topk = kKeepTopk;
    return options;
  }

  // Of the network with its scores spread on pictures of that size: those of another may give
  // hundreds of boxes, or none.
  ExportOptions Options(const Size& size) const {
    ExportOptions options = PlainOptions(size);
    options.checkpoint = test_support::WriteSpreadCheckpoint(
        options,
        [&](const Preprocess& preprocess) {
          return std::vector{Normalised(Pictures(size), preprocess)};
        },
        folder_);
    return options;
  }

  fs::path Write(ExportOptions options, const std::string& name) const {
    options.output = folder_ / (name + ".onnx");
    Export(options);
    return options.output;
  }

  static Preprocess PreprocessOf(const fs::path& model) {
    return contract::ModelCardFromJson(onnx::outline::ReadOnnxMetadata(model).at("yoloport"))
        .preprocess;
  }

  static Outputs Run(runtime::Session& session, const Tensor& input,
                     const std::vector<Tensor>& optional = {}) {
    const std::vector<Tensor> results = session.Run({&input, 1}, optional);
    Outputs outputs;
    for (std::size_t i = 0; i < results.size(); ++i) {
      outputs[session.outputs()[i].name] = results[i];
    }
    return outputs;
  }

  static Outputs Run(const fs::path& model, const std::string& runtime, const Tensor& input) {
    return Run(*OpenSession(model, {runtime}), input);
  }

  // Every detection of each has its partner in the other. Gives how many there are.
  static std::size_t Compare(const Outputs& expected, const Outputs& actual,
                             const Tolerance& tolerance, const std::string& what) {
    std::size_t found = 0;
    EXPECT_EQ(actual.at("boxes").shape(), expected.at("boxes").shape()) << what;
    for (std::int64_t image = 0; image < expected.at("boxes").shape()[0]; ++image) {
      const std::vector<test_support::Row> wanted = test_support::Rows(expected, image, kKeepTopk);
      const std::vector<test_support::Row> rows = test_support::Rows(actual, image, kKeepTopk);
      found += wanted.size();
      EXPECT_EQ(rows.size(), wanted.size()) << what << ", image " << image;
      EXPECT_EQ(test_support::Matched(wanted, rows, tolerance), wanted.size())
          << what << ", image " << image;
    }
    return found;
  }
  static void ExpectSame(const Outputs& expected, const Outputs& actual, const Tolerance& tolerance,
                         const std::string& what) {
    EXPECT_GT(Compare(expected, actual, tolerance, what), 5U) << what << ": too little to compare";
  }

  ExportOptions DynamicOptions() const;
  void ExpectDynamicEqualsStatic(const std::string& backend,
                                 const std::vector<std::string>& runtimes) const;

  fs::path folder_ = fs::path(testing::TempDir()) / ("variants_test_" + std::to_string(::getpid()));
};

std::vector<Size> DynamicSizes() {
  if (std::getenv("YOLOPORT_FULL_SIZES") == nullptr) {
    return {{1, 64, 128}, {2, 128, 64}, {5, 64, 64}};
  }
  std::vector<Size> sizes;
  for (const int batch : {1, 2, 5}) {
    for (const auto& [height, width] : {std::pair{320, 640}, {640, 384}, {640, 640}}) {
      sizes.push_back({batch, height, width});
    }
  }
  return sizes;
}

// Of a file of any size, its scores spread on pictures of all sizes.
ExportOptions VariantsTest::DynamicOptions() const {
  ExportOptions options = PlainOptions({1, 128, 128});  // what the file says of itself
  options.dynamic_batch = options.dynamic_size = true;
  options.checkpoint = test_support::WriteSpreadCheckpoint(
      options,
      [](const Preprocess& preprocess) {
        std::vector<Tensor> batches;
        for (const Size& size : DynamicSizes()) {
          batches.push_back(Normalised(Pictures(size), preprocess));
        }
        return batches;
      },
      folder_);
  return options;
}

// Files for `backend` in each of `runtimes`.
void VariantsTest::ExpectDynamicEqualsStatic(const std::string& backend,
                                             const std::vector<std::string>& runtimes) const {
  ExportOptions options = DynamicOptions();
  options.backend = backend;
  const fs::path dynamic = Write(options, "dynamic");
  const Preprocess preprocess = PreprocessOf(dynamic);
  std::map<std::string, std::unique_ptr<runtime::Session>> sessions;
  for (const std::string& runtime : runtimes) {
    const auto& session = sessions[runtime] = OpenSession(dynamic, {runtime});
    EXPECT_THAT(session->inputs()[0].shape, ElementsAre(-1, 3, -1, -1));
    EXPECT_THAT(session->outputs()[1].shape, ElementsAre(-1, kKeepTopk, 4));
  }
  options.dynamic_batch = options.dynamic_size = false;
  std::size_t found = 0;
  const std::vector<Size> sizes = DynamicSizes();
  for (const Size& size : sizes) {
    std::tie(options.batch, options.height, options.width) =
        std::tie(size.batch, size.height, size.width);
    const fs::path fixed = Write(options, "fixed");
    const Tensor input = Normalised(Pictures(size), preprocess);
    for (const auto& [runtime, session] : sessions) {
      Run(*session, Normalised(Pictures({1, 128, 64}), preprocess));  // leaves nothing behind
      found += Compare(Run(fixed, runtime, input), Run(*session, input), kSame,
                       runtime + backend +
                           testing::PrintToString(std::array{size.batch, size.height, size.width}));
    }
  }
  EXPECT_GT(found, 5 * sizes.size() * runtimes.size()) << "too little to compare";
}

TEST_P(VariantsTest, DynamicShapesEqualStaticOnes) {
  ExpectDynamicEqualsStatic("onnxruntime", BuiltRuntimes());
}

TEST_P(VariantsTest, DynamicShapesEqualStaticOnesForOpenVino) {
  if (!YOLOPORT_HAS_OPENVINO) GTEST_SKIP() << "OpenVINO is not built";
  ExpectDynamicEqualsStatic("openvino", {"openvino"});
}

TEST_P(VariantsTest, DynamicBatchKeepsTheSize) {
  const Size size = {3, 64, 128};
  ExportOptions options = Options(size);
  const fs::path fixed = Write(options, "fixed");
  options.batch = 1;
  options.dynamic_batch = true;
  const fs::path dynamic = Write(options, "dynamic");
  const Tensor input = Normalised(Pictures(size), PreprocessOf(dynamic));
  const auto session = OpenSession(dynamic, {});
  EXPECT_THAT(session->inputs()[0].shape, ElementsAre(-1, 3, 64, 128));
  EXPECT_EQ(
      contract::ModelCardFromJson(onnx::outline::ReadOnnxMetadata(dynamic).at("yoloport")).batch,
      -1);
  ExpectSame(Run(fixed, "onnxruntime", input), Run(*session, input), kSame, "batch");
}

TEST_P(VariantsTest, DynamicRawHeads) {
  const Size size = {2, 64, 128};
  ExportOptions options = Options(size);
  options.model_only = true;
  const fs::path fixed = Write(options, "fixed");
  options.batch = 1;
  options.height = options.width = 128;
  options.dynamic_batch = options.dynamic_size = true;
  const fs::path dynamic = Write(options, "dynamic");
  const Tensor input = Normalised(Pictures(size), PreprocessOf(dynamic));
  const Outputs expected = Run(fixed, "onnxruntime", input);
  const Outputs actual = Run(dynamic, "onnxruntime", input);
  ASSERT_FALSE(expected.empty());
  for (const auto& [name, tensor] : expected) {
    EXPECT_EQ(actual.at(name).shape(), tensor.shape());
    EXPECT_THAT(actual.at(name).values<float>(),
                testing::Pointwise(testing::FloatNear(1e-3F), tensor.values<float>()));
  }
}

TEST_P(VariantsTest, RuntimesAgree) {
  if (!YOLOPORT_HAS_OPENVINO) GTEST_SKIP() << "one runtime is built";
  const Size size = {2, 64, 128};
  const fs::path model = Write(Options(size), "model");
  const Tensor input = Normalised(Pictures(size), PreprocessOf(model));
  ExpectSame(Run(model, "onnxruntime", input), Run(model, "openvino", input), kClose, "openvino");
}

TEST_P(VariantsTest, Uint8EqualsFloat) {
  const Size size = {2, 64, 128};
  const ExportOptions spread = Options(size);
  const fs::path plain = Write(spread, "float");
  const Tensor pictures = Pictures(size);
  const Outputs expected = Run(plain, "onnxruntime", Normalised(pictures, PreprocessOf(plain)));
  for (const auto& [nhwc, rgb] : {std::pair{false, true}, {true, false}}) {
    ExportOptions options = spread;
    options.input = "uint8";
    options.input_layout = nhwc ? "nhwc" : "nchw";
    options.input_color = rgb ? "rgb" : "bgr";
    const fs::path model = Write(options, "uint8");
    const Tensor input = Arranged(pictures, nhwc, rgb);
    for (const std::string& runtime : BuiltRuntimes()) {
      ExpectSame(expected, Run(model, runtime, input), kClose,
                 runtime + " " + options.input_layout + " " + options.input_color);
    }
  }
}

// Only what cannot be folded is computed: the type, the layout, and means other than 0.
TEST_P(VariantsTest, Uint8IsFoldedIntoTheFirstConvolution) {
  const Size size = {1, 64, 64};
  ExportOptions options = Options(size);
  const fs::path plain = Write(options, "float");
  options.input = "uint8";
  options.input_layout = "nhwc";
  options.input_color = PreprocessOf(plain).rgb ? "bgr" : "rgb";
  const auto mean = PreprocessOf(plain).mean;
  auto expected = ReadOnnxSummary(plain).operators;
  ++expected["Cast"];
  ++expected["Transpose"];
  if (mean != std::array<float, 3>{0, 0, 0}) ++expected["Sub"];
  EXPECT_EQ(ReadOnnxSummary(Write(options, "uint8")).operators, expected);
}

TEST_P(VariantsTest, HalfStoresFloat16) {
  const Size size = {2, 64, 128};
  ExportOptions options = Options(size);
  const fs::path plain = Write(options, "float");
  options.half = true;
  const fs::path half = Write(options, "half");
  const auto before = ReadOnnxSummary(plain).weights;
  const auto after = ReadOnnxSummary(half).weights;
  // Decoding and NMS: at this size a table of the priors, 6 numbers for each.
  EXPECT_LT(after.at("float32"), 15000);
  EXPECT_EQ(after.at("float16") + after.at("float32"), before.at("float32"));
  const Tensor input = Normalised(Pictures(size), PreprocessOf(plain));
  for (const std::string& runtime : BuiltRuntimes()) {
    const auto session = OpenSession(half, {runtime});
    EXPECT_EQ(session->inputs()[0].dtype, DType::kFloat32);
    EXPECT_EQ(session->outputs()[1].dtype, DType::kFloat32);
    EXPECT_EQ(Run(*session, input).at("scores").shape(), (Shape{2, kKeepTopk}));
  }
}

// A few will do: what changes is the same for all.
std::vector<std::string> SomeCases() {
  std::vector<std::string> names = test_support::NetworkNames();
  names.resize(std::min<std::size_t>(names.size(), 3));
  return names;
}

class RuntimeThresholdsTest : public VariantsTest {};

TEST_P(RuntimeThresholdsTest, EqualExportedOnes) {
  const Size size = {2, 64, 128};
  const ExportOptions spread = Options(size);
  ExportOptions options = spread;
  options.runtime_thresholds = true;
  const fs::path model = Write(options, "runtime");
  const Tensor input = Normalised(Pictures(size), PreprocessOf(model));
  const Outputs defaults = Run(Write(spread, "plain"), "onnxruntime", input);
  ExportOptions changed = spread;
  changed.score_threshold = 0.3;
  changed.iou_threshold = 0.4;
  changed.class_agnostic = true;
  const Outputs expected = Run(Write(changed, "changed"), "onnxruntime", input);
  const std::vector<Tensor> given = {Tensor::Of<float>({1}, {0.3F}), Tensor::Of<float>({1}, {0.4F}),
                                     Tensor::Of<std::uint8_t>({1}, {1}).To(DType::kBool)};
  for (const std::string& runtime : BuiltRuntimes()) {
    const Tolerance tolerance = runtime == "onnxruntime" ? kSame : kClose;
    const auto session = OpenSession(model, {runtime});
    ASSERT_EQ(session->inputs().size(), 1U) << runtime;
    ASSERT_EQ(session->optional_inputs().size(), 3U) << runtime;
    EXPECT_EQ(session->optional_inputs()[0].name, "score_threshold");
    EXPECT_EQ(session->optional_inputs()[1].name, "iou_threshold");
    EXPECT_EQ(session->optional_inputs()[2].name, "class_agnostic");
    ExpectSame(defaults, Run(*session, input), tolerance, runtime + " defaults");
    ExpectSame(expected, Run(*session, input, given), tolerance, runtime + " given");
    ExpectSame(defaults, Run(*session, input), tolerance, runtime + " defaults again");
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, RuntimeThresholdsTest, testing::ValuesIn(SomeCases()),
                         test_support::NameOfCase);

INSTANTIATE_TEST_SUITE_P(Cases, VariantsTest, testing::ValuesIn(test_support::NetworkNames()),
                         test_support::NameOfCase);

// The demo's trained network on one of its pages, by way of Detector.
class DemoVariantsTest : public testing::Test {
 protected:
  ~DemoVariantsTest() override { fs::remove(path_); }

  std::vector<Detection> Detect(ExportOptions options, const DetectorOptions& detector = {}) {
    options.config = "demo/config.py";
    options.checkpoint = "demo/digits.pth";
    options.output = path_;
    options.height = options.width = 320;
    Export(options);
    return Detector(path_, detector).Detect(page_.view());
  }

  static void ExpectSame(const std::vector<Detection>& expected,
                         const std::vector<Detection>& actual, float score, float corner,
                         const std::string& what) {
    ASSERT_EQ(actual.size(), expected.size()) << what;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto same = [&](const Detection& other) {
        bool near =
            other.label == expected[i].label && std::abs(other.score - expected[i].score) <= score;
        for (std::size_t k = 0; k < 4; ++k) {
          near = near && std::abs(other.box[k] - expected[i].box[k]) <= corner;
        }
        return near;
      };
      EXPECT_EQ(std::count_if(actual.begin(), actual.end(), same), 1) << what << ", " << i;
    }
    EXPECT_GT(expected.size(), 5U);
  }

  fs::path path_ =
      fs::path(testing::TempDir()) / ("demo_variants_" + std::to_string(::getpid()) + ".onnx");
  Image page_ = ReadImage("demo/page1.png");
};

// Of float16, in pixels of the page, two of which are one of the network's input.
constexpr float kHalfPixels = 2;

TEST_F(DemoVariantsTest, FindTheSame) {
  const std::vector<Detection> plain = Detect({});
  for (const std::string& runtime : BuiltRuntimes()) {
    const DetectorOptions detector = {.runtime = runtime};
    ExpectSame(plain, Detect({}, detector), 1e-4F, 0.01F, runtime);
    const ExportOptions dynamic = {.dynamic_batch = true, .dynamic_size = true};
    ExpectSame(plain, Detect(dynamic, detector), 1e-4F, 0.01F, runtime + " dynamic");
    ExpectSame(plain, Detect({.half = true}, detector), 0.01F, kHalfPixels, runtime + " half");
    for (const char* layout : {"nchw", "nhwc"}) {
      for (const char* color : {"bgr", "rgb"}) {
        const ExportOptions options = {
            .input = "uint8", .input_layout = layout, .input_color = color};
        ExpectSame(plain, Detect(options, detector), 1e-3F, 0.05F, runtime + layout + color);
      }
    }
    const ExportOptions both = {.input = "uint8", .half = true};
    ExpectSame(plain, Detect(both, detector), 0.01F, kHalfPixels, runtime + " uint8 half");
  }
}

TEST_F(DemoVariantsTest, DetectorSetsRuntimeThresholds) {
  const ExportOptions runtime = {.runtime_thresholds = true};
  const std::vector<Detection> few = Detect({.iou_threshold = 0.01, .class_agnostic = true});
  const std::vector<Detection> low = Detect({.score_threshold = 0.01});
  EXPECT_GT(low.size(), few.size());
  ExpectSame(few, Detect(runtime, {.iou_threshold = 0.01, .class_agnostic = true}), 1e-6F, 1e-3F,
             "runtime");
  ExpectSame(low, Detect(runtime, {.score_threshold = 0.01}), 1e-6F, 1e-3F, "runtime");
}

TEST_F(DemoVariantsTest, FixedThresholdsCannotBeSet) {
  try {
    Detect({}, {.iou_threshold = 0.5});
    FAIL() << "no error";
  } catch (const UsageError& error) {
    EXPECT_EQ(std::string(error.what()),
              "'" + path_.native() +
                  "': the IoU threshold is fixed in this file\n"
                  "hint: export with --runtime-thresholds, or change it with yoloport set");
  }
}

}  // namespace
}  // namespace yoloport
