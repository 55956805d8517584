// Networks of parts that no config of MMYOLO's own has - activations, norms, plugins, lists of
// necks, backbones of other packages, gray images - run in ONNX Runtime: raw heads against what
// MMYOLO gave, within 1e-4 of the largest magnitude. scripts/block_parity.py --record made the
// cases in testdata/blocks, of random weights.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/session.h"
#include "testing/cases/cases.h"
#include "testing/files/npz.h"
#include "yoloport/export.h"

namespace yoloport {
namespace {

namespace fs = std::filesystem;
using tensor::Tensor;

constexpr double kTolerance = 1e-4;
const fs::path kFolder = "testdata/blocks";

std::vector<std::string> BlockCases() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(kFolder)) {
    names.push_back(entry.path().filename().string());
  }
  if (names.empty()) throw std::runtime_error("no cases in " + kFolder.string());
  std::sort(names.begin(), names.end());
  return names;
}

double Largest(const Tensor& tensor) {
  double largest = 0;
  for (const float value : tensor.values<float>()) {
    largest = std::max(largest, std::abs(static_cast<double>(value)));
  }
  return largest;
}

// NaN where one of the numbers is.
double LargestDifference(const Tensor& a, const Tensor& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.values<float>().size(); ++i) {
    const double difference = std::abs(static_cast<double>(a.values<float>()[i]) -
                                       static_cast<double>(b.values<float>()[i]));
    if (!(difference <= largest)) largest = difference;
  }
  return largest;
}

class BlocksTest : public testing::TestWithParam<std::string> {
 protected:
  static std::vector<Tensor> Run(const Tensor& images) {
    ExportOptions options;
    options.config = kFolder / GetParam() / "config.py";
    options.checkpoint = kFolder / GetParam() / "checkpoint.pth";
    options.output = fs::path(testing::TempDir()) / ("blocks_test_" + std::to_string(::getpid()));
    options.height = static_cast<int>(images.shape()[2]);
    options.width = static_cast<int>(images.shape()[3]);
    options.model_only = true;
    options.strict = true;
    Export(options);
    const auto session = runtime::OpenSession(options.output, {});
    fs::remove(options.output);
    return session->Run(std::span(&images, 1));
  }
};

TEST_P(BlocksTest, GivesWhatMmyoloGave) {
  const Tensor images = test_support::ReadNpz(kFolder / GetParam() / "inputs.npz").at("images");
  const auto recorded = test_support::ReadRecordedHeads(kFolder / GetParam());
  const std::vector<Tensor> outputs = Run(images);
  ASSERT_EQ(outputs.size(), recorded.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Tensor& expected = recorded.at("out_" + std::to_string(i));
    ASSERT_EQ(outputs[i].shape(), expected.shape());
    EXPECT_GT(Largest(expected), 0.1);
    EXPECT_LE(LargestDifference(outputs[i], expected) / Largest(expected), kTolerance)
        << "output " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, BlocksTest, testing::ValuesIn(BlockCases()),
                         test_support::NameOfCase);

}  // namespace
}  // namespace yoloport
