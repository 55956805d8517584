#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnxruntime_cxx_api.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "base/text.h"
#include "runtime/cores.h"
#include "runtime/session.h"
#include "testing/files/tiny_onnx.h"
#include "yoloport/error.h"

namespace yoloport::runtime {
namespace {

namespace fs = std::filesystem;
using base::Quote;
using tensor::Tensor;
using test_support::tiny_onnx::kFloat;
using test_support::tiny_onnx::Model;
using testing::ElementsAre;
using testing::HasSubstr;

// The parameter: the runtime.
class SessionTest : public testing::TestWithParam<std::string> {
 protected:
  ~SessionTest() override { fs::remove(path_); }

  std::unique_ptr<Session> Open(const std::string& bytes, int threads = 1) const {
    std::ofstream(path_, std::ios::binary) << bytes;
    return OpenSession(path_, {GetParam(), threads});
  }
  std::string ErrorOf(const std::function<void()>& action) const {
    try {
      action();
    } catch (const Error& error) {
      return error.message();
    }
    return "no error";
  }

  fs::path path_ =
      fs::path(testing::TempDir()) / ("session_test_" + std::to_string(::getpid()) + ".onnx");
};

// Those that are built.
std::vector<std::string> BuiltRuntimes() {
  std::vector<std::string> names = {"onnxruntime"};
  if (YOLOPORT_HAS_OPENVINO) names.emplace_back("openvino");
  return names;
}

INSTANTIATE_TEST_SUITE_P(Runtimes, SessionTest, testing::ValuesIn(BuiltRuntimes()),
                         [](const auto& test) { return test.param; });

std::string Doubling() {
  return Model()
      .Input("x", kFloat, {-1, 2})
      .Output("y", kFloat, {-1, 2})
      .Node("Add", {"x", "x"}, "y")
      .Serialised();
}

TEST_P(SessionTest, RunsAndDescribesItself) {
  const auto session = Open(Doubling());
  ASSERT_EQ(session->inputs().size(), 1U);
  EXPECT_EQ(session->inputs()[0].name, "x");
  EXPECT_EQ(session->inputs()[0].shape, (tensor::Shape{-1, 2}));
  EXPECT_EQ(session->outputs()[0].dtype, tensor::DType::kFloat32);
  const Tensor input = Tensor::Of<float>({2, 2}, {1, 2, 3, 4});
  const auto outputs = session->Run({&input, 1});
  EXPECT_EQ(outputs[0].shape(), (tensor::Shape{2, 2}));
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(2, 4, 6, 8));
}

TEST_P(SessionTest, OutputsOutliveTheSession) {
  auto session = Open(Doubling());
  const Tensor input = Tensor::Of<float>({1, 2}, {1, 2});
  const auto outputs = session->Run({&input, 1});
  session.reset();
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(2, 4));
}

TEST_P(SessionTest, RunsInSeveralThreadsAtOnce) {
  const auto session = Open(Doubling(), 2);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const Tensor input = Tensor::Of<float>({1, 2}, {float(t), float(i)});
        EXPECT_THAT(session->Run({&input, 1})[0].values<float>(), ElementsAre(2 * t, 2 * i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_P(SessionTest, RefusesInputsThatDoNotFit) {
  const auto session = Open(Doubling());
  const auto run = [&](const Tensor& input) { return ErrorOf([&] { session->Run({&input, 1}); }); };
  const std::string start = Quote(path_.native()) + ": input 'x' is float32 -1x2, got ";
  EXPECT_EQ(run(Tensor::Of<float>({3}, {1, 2, 3})), start + "float32 3");
  EXPECT_EQ(run(Tensor::Of<float>({1, 3}, {1, 2, 3})), start + "float32 1x3");
  EXPECT_EQ(run(Tensor::Of<std::int64_t>({1, 2}, {1, 2})), start + "int64 1x2");
  EXPECT_EQ(ErrorOf([&] { session->Run({}); }), Quote(path_.native()) + ": takes 1 inputs, got 0");
}

TEST_P(SessionTest, ResultsOfSeveralRunsAreKeptApart) {
  const auto session = Open(Doubling());
  const Tensor one = Tensor::Of<float>({1, 2}, {1, 2});
  const Tensor two = Tensor::Of<float>({2, 2}, {3, 4, 5, 6});
  const auto first = session->Run({&one, 1});
  const auto second = session->Run({&two, 1});
  EXPECT_THAT(first[0].values<float>(), ElementsAre(2, 4));
  EXPECT_THAT(second[0].values<float>(), ElementsAre(6, 8, 10, 12));
}

TEST_P(SessionTest, SaysWhichFileIsRefused) {
  const std::string name = GetParam() == "openvino" ? "OpenVINO" : "ONNX Runtime";
  const std::string refused = Quote(path_.native()) + ": " + name + " does not take this file: ";
  testing::internal::CaptureStderr();
  EXPECT_THAT(ErrorOf([&] { Open("hello"); }), HasSubstr(refused));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  const std::string unknown = Model()
                                  .Input("x", kFloat, {1})
                                  .Output("y", kFloat, {1})
                                  .Node("NoSuchOperator", {"x"}, "y")
                                  .Serialised();
  EXPECT_THAT(ErrorOf([&] { Open(unknown); }), HasSubstr("NoSuchOperator"));
  EXPECT_EQ(ErrorOf([&] { OpenSession("/missing.onnx", {GetParam()}); }),
            "'/missing.onnx': no such file");
}

TEST_P(SessionTest, TakesThePrecisionsThatItHas) {
  Open(Doubling());
  const Tensor input = Tensor::Of<float>({1, 2}, {1, 2});
  const bool has_bf16 = GetParam() == "openvino";
  for (const char* precision : {"f32", "auto", "bf16"}) {
    const auto run = [&] {
      const auto session =
          OpenSession(path_, {.runtime = GetParam(), .threads = 1, .precision = precision});
      EXPECT_THAT(session->Run({&input, 1})[0].values<float>(), ElementsAre(2, 4));
    };
    const bool is_known = precision != std::string("bf16") || has_bf16;
    EXPECT_EQ(ErrorOf(run), is_known ? "no error"
                                     : "the runtime onnxruntime has no precision 'bf16'; it has "
                                       "f32, auto");
  }
}

std::string MessageOf(const SessionOptions& options) {
  try {
    OpenSession("/missing.onnx", options);
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(RuntimesTest, UnknownOnesAreRefused) {
  EXPECT_EQ(MessageOf({"tvm"}),
            "there is no runtime 'tvm'; the runtimes are onnxruntime, openvino, tensorrt");
}

TEST(RuntimesTest, OneThatIsNotBuiltSaysSo) {
  if (YOLOPORT_HAS_OPENVINO) GTEST_SKIP() << "openvino is built";
  EXPECT_EQ(MessageOf({"openvino"}),
            "the runtime openvino is not built into this yoloport\n"
            "hint: use the runtime onnxruntime");
}

TEST(RuntimesTest, DevicesThatARuntimeDoesNotHaveAreRefused) {
  const auto message = [](const std::string& runtime, const std::string& device) {
    SessionOptions options;
    options.runtime = runtime;
    options.device = device;
    return MessageOf(options);
  };
  EXPECT_EQ(message("onnxruntime", "cpu"), "'/missing.onnx': no such file");
  EXPECT_EQ(message("openvino", "cuda:0"),
            "the runtime openvino does not run on cuda:0; it runs on cpu");
  EXPECT_EQ(message("tensorrt", "cpu"),
            "the runtime tensorrt does not run on cpu; it runs on cuda");
  EXPECT_EQ(message("onnxruntime", "gpu"),
            "there is no device 'gpu'; devices are cpu, cuda and cuda:N");
}

// What the message says depends on the library that was found; with one for GPUs there is no GPU.
TEST(RuntimesTest, ProvidersThatOnnxRuntimeLacksAreNamed) {
  Ort::InitApi();
  const std::vector<std::string> available = Ort::GetAvailableProviders();
  const auto has = [&](const char* name) {
    return std::find(available.begin(), available.end(), name) != available.end();
  };
  if (has("CUDAExecutionProvider")) GTEST_SKIP() << "this ONNX Runtime is one for GPUs";
  const fs::path path = fs::path(testing::TempDir()) / ("gpu" + std::to_string(::getpid()));
  std::ofstream(path, std::ios::binary) << Doubling();
  const auto message = [&](const std::string& runtime, const std::string& device) {
    SessionOptions options;
    options.runtime = runtime;
    options.device = device;
    try {
      OpenSession(path, options);
    } catch (const RuntimeError& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  const std::string start = "ONNX Runtime " + Ort::GetVersionString() + " has no ";
  const std::string end = " needs; it has " + base::JoinText(available) +
                          "\nhint: build yoloport with an ONNX Runtime for GPUs, or use the "
                          "runtime onnxruntime on the device cpu";
  EXPECT_EQ(message("onnxruntime", "cuda:1"),
            start + "CUDAExecutionProvider, which the device cuda:1" + end);
  EXPECT_EQ(
      message("tensorrt", ""),
      start + "TensorrtExecutionProvider, which the runtime tensorrt with an ONNX file" + end);
  fs::remove(path);
}

TEST(CoresTest, AtLeastOne) {
  EXPECT_GE(AvailableCores(), 1);
  EXPECT_LE(AvailableCores(), static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace yoloport::runtime
