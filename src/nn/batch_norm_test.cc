#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/test_files.h"
#include "checkpoint/weights.h"
#include "nn/folded_conv.h"

namespace yoloport {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// A checkpoint of the four tensors that a BatchNorm of two channels has.
Checkpoint BatchNorm(const std::vector<float>& weight, const std::vector<float>& bias,
                     const std::vector<float>& mean, const std::vector<float>& variance) {
  PickleWriter writer;
  writer.Raw("}(");
  std::vector<StorageData> data;
  const auto add = [&](const std::string& key, const std::vector<float>& values) {
    const std::string storage = std::to_string(data.size());
    writer.Text("bn." + key).Tensor("FloatStorage", storage, 2, 0, {2}, {1});
    data.push_back({storage, FloatBytes(values)});
  };
  add("weight", weight);
  add("bias", bias);
  add("running_mean", mean);
  add("running_var", variance);
  return Checkpoint::Open(TemporaryFile(TorchZip(writer.Raw("u").Done(), data)).path());
}

TEST(BatchNormTest, FoldsToScaleAndShift) {
  const Weights weights(BatchNorm({2, -3}, {10, 20}, {5, 4}, {3.75F, 0}));
  const ScaleShift folded = TakeBatchNorm(weights["bn"], 2, 0.25);
  // 2 / sqrt(4), -3 / sqrt(0.25); bias - mean * scale.
  EXPECT_THAT(folded.scale, ElementsAre(1, -6));
  EXPECT_THAT(folded.shift, ElementsAre(10 - 5, 20 + 4 * 6));
  weights.Finish();
  EXPECT_TRUE(weights.warnings().empty());
}

TEST(BatchNormTest, EpsCountsWhereTheVarianceIsSmall) {
  const Weights weights(BatchNorm({1, 1}, {0, 0}, {0, 0}, {0, 1e-3F}));
  const ScaleShift folded = TakeBatchNorm(weights["bn"], 2, 1e-3);
  EXPECT_FLOAT_EQ(folded.scale[0], 1 / std::sqrt(1e-3F));
  EXPECT_FLOAT_EQ(folded.scale[1], 1 / std::sqrt(2e-3F));
}

TEST(BatchNormTest, ANegativeVarianceIsTold) {
  const Weights weights(BatchNorm({1, 1}, {0, 0}, {0, 0}, {1, -1}));
  TakeBatchNorm(weights["bn"], 2, 1e-3);
  ASSERT_EQ(weights.warnings().size(), 1U);
  EXPECT_THAT(weights.warnings()[0],
              HasSubstr("holds 1 negative variance, which no training gives"));
}

}  // namespace
}  // namespace yoloport
