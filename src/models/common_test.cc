// Arithmetic of configs, by MMYOLO's formulas; figures worked out by hand.
#include "models/common.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "yoloport/error.h"

namespace yoloport {
namespace {

using Pair = std::array<double, 2>;
using testing::ElementsAre;

ConfigNode Head(const std::string& text) {
  return Config::FromText("head = dict(" + text + ")", "t.py").root()["head"];
}

std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    const std::string all = error.what();
    return all.substr(0, all.find('\n'));
  }
  return "no error";
}

TEST(CommonTest, ChannelsAreMultiplesOfTheDivisor) {
  EXPECT_EQ(MakeDivisible(64, 0.25), 16);
  EXPECT_EQ(MakeDivisible(100, 0.33), 40);  // 33 upwards
  EXPECT_EQ(MakeDivisible(1024, 1.33), 1368);
  EXPECT_EQ(MakeDivisible(100, 0.33, 1), 33);
}

TEST(CommonTest, BlocksRoundHalvesToEven) {
  EXPECT_EQ(MakeRound(3, 0.33), 1);
  EXPECT_EQ(MakeRound(9, 0.33), 3);
  EXPECT_EQ(MakeRound(10, 0.25), 2);  // 2.5
  EXPECT_EQ(MakeRound(14, 0.25), 4);  // 3.5
  EXPECT_EQ(MakeRound(2, 0.1), 1);    // one at least
  EXPECT_EQ(MakeRound(1, 3), 1);      // one is never more
}

TEST(CommonTest, ScaledTruncates) {
  EXPECT_EQ(Scaled(85, 0.5), 42);
  EXPECT_EQ(Scaled(256, 0.375), 96);
}

TEST(CommonTest, StridesAreNumbersOrPairs) {
  EXPECT_THAT(ReadStrides(Head("head_module=dict()"), {8, 16}),
              ElementsAre(Pair{8, 8}, Pair{16, 16}));
  EXPECT_THAT(ReadStrides(Head("head_module=dict(featmap_strides=[8, 16, 64])"), {8}),
              ElementsAre(Pair{8, 8}, Pair{16, 16}, Pair{64, 64}));
  EXPECT_THAT(ReadStrides(Head("head_module=dict(featmap_strides=[(8, 4)])"), {8}),
              ElementsAre(Pair{8, 4}));
}

TEST(CommonTest, PriorsHaveTheStridesOfTheHead) {
  EXPECT_EQ(ErrorOf([] {
              ReadStrides(Head("head_module=dict(featmap_strides=[8, 16]),"
                               "prior_generator=dict(strides=[8, 32])"),
                          {8});
            }),
            "t.py:1:84: 'head.prior_generator.strides': strides of the priors differ from the head "
            "module's featmap_strides");
}

TEST(CommonTest, OffsetsOfPriors) {
  EXPECT_EQ(ReadPriorOffset(Head("x=1"), 0.25), 0.25);
  EXPECT_EQ(ReadPriorOffset(Head("prior_generator=dict(type='MlvlPointGenerator')"), 0), 0.5);
  EXPECT_EQ(ReadPriorOffset(Head("prior_generator=dict(type='MlvlPointGenerator', offset=0)"), 1),
            0);
}

TEST(CommonTest, ActivationsByTheirNames) {
  const Activation leaky = ReadActivation(Head("type='LeakyReLU', negative_slope=0.1"));
  EXPECT_EQ(leaky.kind, ActivationKind::kLeakyRelu);
  EXPECT_EQ(leaky.negative_slope, 0.1);
  EXPECT_EQ(ReadActivation(Head("type='LeakyReLU'")).negative_slope, 0.01);
  EXPECT_EQ(ReadActivation(Head("type='Swish'")).kind, ActivationKind::kSilu);
  EXPECT_EQ(ErrorOf([] { ReadActivation(Head("type='Softsign'")); }),
            "t.py:1:18: 'head.type': unknown activation 'Softsign'");
}

TEST(CommonTest, NormsHaveTheirOwnEps) {
  const Style defaults = {{true, 1e-3}, {ActivationKind::kSilu}};
  EXPECT_EQ(ReadStyle(Head("x=1"), defaults).norm.eps, 1e-3);
  EXPECT_EQ(ReadStyle(Head("norm_cfg=dict(type='BN', eps=0.01)"), defaults).norm.eps, 0.01);
  EXPECT_EQ(ReadStyle(Head("norm_cfg=dict(type='BN')"), defaults).norm.eps, 1e-5);
  EXPECT_FALSE(ReadStyle(Head("norm_cfg=None"), defaults).norm.present);
}

}  // namespace
}  // namespace yoloport
