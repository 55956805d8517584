// Raw-head files in OpenCV's DNN module, which many applications run them with, against ONNX
// Runtime: every network of YOLOPORT_CASES (default testdata/parity), in every variant of the file.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <opencv2/dnn.hpp>

#include "runtime/session.h"
#include "testing/cases/cases.h"
#include "testing/files/npz.h"
#include "yoloport/export.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using tensor::DType;
using tensor::Tensor;

// Of an output's largest magnitude. Both compute in float32, in another order, and random weights
// enlarge the last bits: 9e-5 at most in OpenCV 4.6, 1.5e-4 in later ones. A value that is wrong,
// such as HardSigmoid's alpha, makes more than 1e-2 in a network's worst output.
constexpr double kTolerance = 5e-4;
// Where ONNX Runtime rounds each map to float16, and OpenCV computes in float32.
constexpr double kHalfTolerance = 2e-3;

struct Variant {
  std::string name;
  void (*choose)(ExportOptions&);
  double tolerance = kTolerance;
};

const std::vector<Variant>& Variants() {
  static const std::vector<Variant> variants = {
      {"plain", [](ExportOptions&) {}},
      {"opset 17", [](ExportOptions& options) { options.opset = 17; }},
      {"channels last", [](ExportOptions& options) { options.backend = "ncnn"; }},
      {"half", [](ExportOptions& options) { options.half = true; }, kHalfTolerance},
      {"uint8", [](ExportOptions& options) { options.input = "uint8"; }},
      {"uint8, pixels of three channels",
       [](ExportOptions& options) {
         options.input = "uint8";
         options.input_layout = "nhwc";
       }},
  };
  return variants;
}

// What this version of OpenCV cannot load, whatever the network: the words with which it says so.
std::string Refusal(const Variant& variant) {
  const bool knows_half = CV_VERSION_MAJOR > 4 || CV_VERSION_MINOR >= 7;
  return variant.name == "half" && !knows_half ? "Unsupported data type: FLOAT16" : "";
}

// Noise of the type and shape of an input: the same each time.
Tensor Noise(const runtime::ValueInfo& input) {
  std::uint32_t state = 1;
  const auto next = [&] {
    state = state * 1664525 + 1013904223;
    return static_cast<std::uint8_t>(state >> 24);
  };
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(tensor::ElementCount(input.shape)));
  std::generate(bytes.begin(), bytes.end(), next);
  if (input.dtype == DType::kUInt8) return Tensor::Of<std::uint8_t>(input.shape, std::move(bytes));
  std::vector<float> floats(bytes.size());
  std::transform(bytes.begin(), bytes.end(), floats.begin(),
                 [](std::uint8_t byte) { return static_cast<float>(byte) / 128 - 1; });
  return Tensor::Of<float>(input.shape, std::move(floats)).To(input.dtype);
}

// The tensor as OpenCV takes it; it has no float16 on the CPU.
cv::Mat ToMat(Tensor& tensor) {
  if (tensor.dtype() == DType::kFloat16) tensor = tensor.To(DType::kFloat32);
  const std::vector<int> sizes(tensor.shape().begin(), tensor.shape().end());
  const int type = tensor.dtype() == DType::kUInt8 ? CV_8U : CV_32F;
  return {sizes, type, const_cast<std::byte*>(tensor.bytes().data())};
}

// The largest difference, as a share of the largest magnitude.
double Difference(const Tensor& expected, const cv::Mat& actual) {
  const Tensor floats = expected.To(DType::kFloat32);
  const auto values = floats.values<float>();
  const auto* found = actual.ptr<float>();
  double largest = 0;
  double difference = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double apart = std::abs(static_cast<double>(values[i]) - found[i]);
    if (!std::isfinite(apart)) return apart;
    largest = std::max(largest, std::abs(static_cast<double>(values[i])));
    difference = std::max(difference, apart);
  }
  return difference / largest;
}

class OpencvDnnTest : public testing::TestWithParam<std::string> {
 protected:
  ExportOptions Options(const Variant& variant) const {
    const fs::path folder = test_support::CasesFolder() / GetParam();
    const tensor::Shape shape = test_support::ReadNpz(folder / "inputs.npz").at("images").shape();
    ExportOptions options;
    options.config = folder / "config.py";
    options.checkpoint = folder / "checkpoint.pth";
    options.output = fs::path(testing::TempDir()) / ("opencv_dnn_" + GetParam() + ".onnx");
    options.height = static_cast<int>(shape[2]);
    options.width = static_cast<int>(shape[3]);
    options.model_only = true;
    variant.choose(options);
    return options;
  }

  // Runs the file in both and compares; gives the largest difference.
  double Compare(const fs::path& model, double tolerance) {
    const auto session = runtime::OpenSession(model, {});
    Tensor input = Noise(session->inputs().front());
    const std::vector<Tensor> expected = session->Run(std::span(&input, 1));
    cv::dnn::Net net = cv::dnn::readNetFromONNX(model);
    net.setPreferableBackend(cv::dnn::DNN_BACKEND_OPENCV);
    net.setInput(ToMat(input));
    std::vector<cv::String> names;
    for (const runtime::ValueInfo& output : session->outputs()) names.push_back(output.name);
    std::vector<cv::Mat> actual;
    net.forward(actual, names);
    double worst = 0;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const tensor::Shape shape(actual[i].size.p, actual[i].size.p + actual[i].dims);
      EXPECT_EQ(shape, expected[i].shape()) << "output " << i;
      if (shape != expected[i].shape()) continue;
      const double difference = Difference(expected[i], actual[i]);
      EXPECT_LE(difference, tolerance) << "output " << i;
      worst = std::max(worst, difference);
    }
    return worst;
  }
};

TEST_P(OpencvDnnTest, GivesWhatOnnxRuntimeGives) {
  for (const Variant& variant : Variants()) {
    SCOPED_TRACE(variant.name);
    const ExportOptions options = Options(variant);
    Export(options);
    const std::string refusal = Refusal(variant);
    if (refusal.empty()) {
      const double worst = Compare(options.output, variant.tolerance);
      std::cout << GetParam() << ", " << variant.name << ": " << worst << "\n";
    } else {
      EXPECT_THAT([&] { cv::dnn::readNetFromONNX(options.output); },
                  testing::ThrowsMessage<cv::Exception>(testing::HasSubstr(refusal)));
    }
    fs::remove(options.output);
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, OpencvDnnTest, testing::ValuesIn(test_support::NetworkNames()),
                         [](const testing::TestParamInfo<std::string>& test) {
                           return test.param;
                         });

}  // namespace
}  // namespace yoloport
