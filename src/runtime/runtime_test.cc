#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "base/text.h"
#include "runtime/cores.h"
#include "runtime/session.h"
#include "runtime/tiny_onnx.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using tiny_onnx::kFloat;
using tiny_onnx::Model;

class SessionTest : public testing::Test {
 protected:
  ~SessionTest() override { fs::remove(path_); }

  std::unique_ptr<Session> Open(const std::string& bytes, int threads = 1) const {
    std::ofstream(path_, std::ios::binary) << bytes;
    return OpenSession(path_, {"onnxruntime", threads});
  }
  std::string ErrorOf(const std::function<void()>& action) const {
    try {
      action();
    } catch (const Error& error) {
      return error.message();
    }
    return "no error";
  }

  fs::path path_ = fs::path(testing::TempDir()) /
                   (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
                    std::to_string(::getpid()) + ".onnx");
};

std::string Doubling() {
  return Model()
      .Input("x", kFloat, {-1, 2})
      .Output("y", kFloat, {-1, 2})
      .Node("Add", {"x", "x"}, "y")
      .Serialised();
}

TEST_F(SessionTest, RunsAndDescribesItself) {
  const auto session = Open(Doubling());
  ASSERT_EQ(session->inputs().size(), 1U);
  EXPECT_EQ(session->inputs()[0].name, "x");
  EXPECT_EQ(session->inputs()[0].shape, (Shape{-1, 2}));
  EXPECT_EQ(session->outputs()[0].dtype, DType::kFloat32);
  const Tensor input = Tensor::Of<float>({2, 2}, {1, 2, 3, 4});
  const auto outputs = session->Run({&input, 1});
  EXPECT_EQ(outputs[0].shape(), (Shape{2, 2}));
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(2, 4, 6, 8));
}

TEST_F(SessionTest, OutputsOutliveTheSession) {
  auto session = Open(Doubling());
  const Tensor input = Tensor::Of<float>({1, 2}, {1, 2});
  const auto outputs = session->Run({&input, 1});
  session.reset();
  EXPECT_THAT(outputs[0].values<float>(), ElementsAre(2, 4));
}

TEST_F(SessionTest, RunsInSeveralThreadsAtOnce) {
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

TEST_F(SessionTest, RefusesInputsThatDoNotFit) {
  const auto session = Open(Doubling());
  const auto run = [&](const Tensor& input) { return ErrorOf([&] { session->Run({&input, 1}); }); };
  const std::string start = Quote(path_.native()) + ": input 'x' is float32 -1x2, got ";
  EXPECT_EQ(run(Tensor::Of<float>({3}, {1, 2, 3})), start + "float32 3");
  EXPECT_EQ(run(Tensor::Of<float>({1, 3}, {1, 2, 3})), start + "float32 1x3");
  EXPECT_EQ(run(Tensor::Of<std::int64_t>({1, 2}, {1, 2})), start + "int64 1x2");
  EXPECT_EQ(ErrorOf([&] { session->Run({}); }), Quote(path_.native()) + ": takes 1 inputs, got 0");
}

TEST_F(SessionTest, SaysWhichFileIsRefused) {
  const std::string refused = Quote(path_.native()) + ": ONNX Runtime does not take this file: ";
  EXPECT_THAT(ErrorOf([&] { Open("hello"); }), HasSubstr(refused));
  const std::string unknown = Model()
                                  .Input("x", kFloat, {1})
                                  .Output("y", kFloat, {1})
                                  .Node("NoSuchOperator", {"x"}, "y")
                                  .Serialised();
  EXPECT_THAT(ErrorOf([&] { Open(unknown); }), HasSubstr("NoSuchOperator"));
  EXPECT_EQ(ErrorOf([&] { OpenSession("/missing.onnx", {}); }), "'/missing.onnx': no such file");
}

TEST_F(SessionTest, KnowsItsRuntimes) {
  EXPECT_EQ(ErrorOf([&] {
              OpenSession(path_, {"tvm", 0});
            }),
            "there is no runtime 'tvm'; the runtimes are onnxruntime, openvino");
}

TEST(CoresTest, AtLeastOne) {
  EXPECT_GE(AvailableCores(), 1);
  EXPECT_LE(AvailableCores(), static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace
}  // namespace yoloport
