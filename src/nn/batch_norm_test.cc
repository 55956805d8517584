#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/weights.h"
#include "nn/folded_conv.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;
using testing::ElementsAre;
using testing::HasSubstr;

// A checkpoint of the four tensors that a BatchNorm of two channels has.
checkpoint::Checkpoint BatchNorm(const std::vector<float>& weight, const std::vector<float>& bias,
                                 const std::vector<float>& mean,
                                 const std::vector<float>& variance) {
  return checkpoint::Checkpoint::Open(
      test_support::TemporaryFile(test_support::TorchFloats({{"bn.weight", {2}, weight},
                                                             {"bn.bias", {2}, bias},
                                                             {"bn.running_mean", {2}, mean},
                                                             {"bn.running_var", {2}, variance}}))
          .path());
}

TEST(BatchNormTest, FoldsToScaleAndShift) {
  const Weights weights(BatchNorm({2, -3}, {10, 20}, {5, 4}, {3.75F, 0}));
  const ScaleShift folded = TakeBatchNorm(weights["bn"], 2, {.eps = 0.25});
  // 2 / sqrt(4), -3 / sqrt(0.25); bias - mean * scale.
  EXPECT_THAT(folded.scale, ElementsAre(1, -6));
  EXPECT_THAT(folded.shift, ElementsAre(10 - 5, 20 + 4 * 6));
  weights.Finish();
  EXPECT_TRUE(weights.warnings().empty());
}

TEST(BatchNormTest, EpsCountsWhereTheVarianceIsSmall) {
  const Weights weights(BatchNorm({1, 1}, {0, 0}, {0, 0}, {0, 1e-3F}));
  const ScaleShift folded = TakeBatchNorm(weights["bn"], 2, {.eps = 1e-3});
  EXPECT_FLOAT_EQ(folded.scale[0], 1 / std::sqrt(1e-3F));
  EXPECT_FLOAT_EQ(folded.scale[1], 1 / std::sqrt(2e-3F));
}

TEST(BatchNormTest, ANegativeVarianceIsTold) {
  const Weights weights(BatchNorm({1, 1}, {0, 0}, {0, 0}, {1, -1}));
  TakeBatchNorm(weights["bn"], 2, {.eps = 1e-3});
  ASSERT_EQ(weights.warnings().size(), 1U);
  EXPECT_THAT(weights.warnings()[0],
              HasSubstr("holds 1 negative variance, which no training gives"));
}

}  // namespace
}  // namespace yoloport::nn
