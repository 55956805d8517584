// Arithmetic of configs, by MMYOLO's formulas; figures worked out by hand.
#include "models/config_reading.h"

#include <gtest/gtest.h>

namespace yoloport::models {
namespace {

TEST(ConfigReadingTest, ChannelsAreMultiplesOfTheDivisor) {
  EXPECT_EQ(MakeDivisible(64, 0.25), 16);
  EXPECT_EQ(MakeDivisible(100, 0.33), 40);  // 33 upwards
  EXPECT_EQ(MakeDivisible(1024, 1.33), 1368);
  EXPECT_EQ(MakeDivisible(100, 0.33, 1), 33);
}

TEST(ConfigReadingTest, BlocksRoundHalvesToEven) {
  EXPECT_EQ(MakeRound(3, 0.33), 1);
  EXPECT_EQ(MakeRound(9, 0.33), 3);
  EXPECT_EQ(MakeRound(10, 0.25), 2);  // 2.5
  EXPECT_EQ(MakeRound(14, 0.25), 4);  // 3.5
  EXPECT_EQ(MakeRound(2, 0.1), 1);    // one at least
  EXPECT_EQ(MakeRound(1, 3), 1);      // one is never more
}

TEST(ConfigReadingTest, ScaledTruncates) {
  EXPECT_EQ(Scaled(85, 0.5), 42);
  EXPECT_EQ(Scaled(256, 0.375), 96);
}

// Scopes of registries, and the modules of lazy configs.
TEST(ConfigReadingTest, TheLastComponentOfATypeDecides) {
  EXPECT_EQ(WithoutScope("Pad"), "Pad");
  EXPECT_EQ(WithoutScope("mmdet.Pad"), "Pad");
  EXPECT_EQ(WithoutScope("mmdet.datasets.transforms.transforms.Pad"), "Pad");
}

}  // namespace
}  // namespace yoloport::models
