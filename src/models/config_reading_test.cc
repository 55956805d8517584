// Arithmetic of configs, by MMYOLO's formulas; figures worked out by hand.
#include "models/config_reading.h"

#include <gtest/gtest.h>

#include "models/test_configs.h"

namespace yoloport::models {
namespace {

using nn::ActivationKind;

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

TEST(ConfigReadingTest, ActivationsByTheirNames) {
  const nn::Activation leaky = ReadActivation(Head("type='LeakyReLU', negative_slope=0.1"));
  EXPECT_EQ(leaky.kind, ActivationKind::kLeakyRelu);
  EXPECT_EQ(leaky.negative_slope, 0.1);
  EXPECT_EQ(ReadActivation(Head("type='LeakyReLU'")).negative_slope, 0.01);
  EXPECT_EQ(ReadActivation(Head("type='Swish'")).kind, ActivationKind::kSilu);
  EXPECT_EQ(ErrorOf([] { ReadActivation(Head("type='Softsign'")); }),
            "t.py:1:18: 'head.type': unknown activation 'Softsign'");
}

TEST(ConfigReadingTest, NormsHaveTheirOwnEps) {
  const nn::Style defaults = {{true, 1e-3}, {ActivationKind::kSilu}};
  EXPECT_EQ(ReadStyle(Head("x=1"), defaults).norm.eps, 1e-3);
  EXPECT_EQ(ReadStyle(Head("norm_cfg=dict(type='BN', eps=0.01)"), defaults).norm.eps, 0.01);
  EXPECT_EQ(ReadStyle(Head("norm_cfg=dict(type='BN')"), defaults).norm.eps, 1e-5);
  EXPECT_FALSE(ReadStyle(Head("norm_cfg=None"), defaults).norm.present);
}

// Scopes of registries, and the modules of lazy configs.
TEST(ConfigReadingTest, TheLastComponentOfATypeDecides) {
  EXPECT_EQ(WithoutScope("Pad"), "Pad");
  EXPECT_EQ(WithoutScope("mmdet.Pad"), "Pad");
  EXPECT_EQ(WithoutScope("mmdet.datasets.transforms.transforms.Pad"), "Pad");
  EXPECT_EQ(ReadActivation(Head("type='torch.nn.modules.activation.ReLU'")).kind,
            ActivationKind::kRelu);
  EXPECT_EQ(ReadActivation(Head("type='mmcv.Swish'")).kind, ActivationKind::kSilu);
  const nn::Style none = {{.present = false}, {}};
  for (const char* norm : {"torch.nn.modules.batchnorm.BatchNorm2d", "mmengine.SyncBN"}) {
    const std::string cfg = std::string("norm_cfg=dict(type='") + norm + "')";
    EXPECT_TRUE(ReadStyle(Head(cfg), none).norm.present) << norm;
  }
  EXPECT_EQ(ErrorOf([] { ReadActivation(Head("type='my.Softsign'")); }),
            "t.py:1:18: 'head.type': unknown activation 'Softsign'");
}

}  // namespace
}  // namespace yoloport::models
