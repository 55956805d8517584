// What heads read of their configs.
#include "models/head_levels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "models/test_configs.h"

namespace yoloport::models {
namespace {

using Pair = std::array<double, 2>;
using config::ConfigNode;
using testing::ElementsAre;
using testing::HasSubstr;

TEST(HeadLevelsTest, StridesAreNumbersOrPairs) {
  EXPECT_THAT(ReadStrides(Head("head_module=dict()"), {8, 16}),
              ElementsAre(Pair{8, 8}, Pair{16, 16}));
  EXPECT_THAT(ReadStrides(Head("head_module=dict(featmap_strides=[8, 16, 64])"), {8}),
              ElementsAre(Pair{8, 8}, Pair{16, 16}, Pair{64, 64}));
  EXPECT_THAT(ReadStrides(Head("head_module=dict(featmap_strides=[(8, 4)])"), {8}),
              ElementsAre(Pair{8, 4}));
}

TEST(HeadLevelsTest, PriorsHaveTheStridesOfTheHead) {
  EXPECT_EQ(ErrorOf([] {
              ReadStrides(Head("head_module=dict(featmap_strides=[8, 16]),"
                               "prior_generator=dict(strides=[8, 32])"),
                          {8});
            }),
            "t.py:1:84: 'head.prior_generator.strides': strides of the priors differ from the head "
            "module's featmap_strides");
}

TEST(HeadLevelsTest, BinsAreCountedAsTheFamilyDoes) {
  const auto module = [](const std::string& text) {
    return Head("head_module=dict(" + text + ")")["head_module"];
  };
  EXPECT_EQ(ReadYolov6Bins(module("")), 1);
  EXPECT_EQ(ReadYolov6Bins(module("reg_max=16")), 17);
  EXPECT_EQ(ReadYolov8Bins(module("")), 16);
  EXPECT_EQ(ReadYolov8Bins(module("reg_max=1")), 1);
  EXPECT_EQ(ReadPpyoloeBins(module("")), 17);
  EXPECT_EQ(ReadPpyoloeBins(module("reg_max=0")), 1);
}

// Neither network can have been trained.
TEST(HeadLevelsTest, ADistributionHasMoreThanTwoBins) {
  const ConfigNode module = Head("head_module=dict(reg_max=1)")["head_module"];
  EXPECT_THAT(ErrorOf([&] { ReadYolov6Bins(module); }), HasSubstr("is neither 0 nor above 1"));
  EXPECT_THAT(ErrorOf([&] { ReadPpyoloeBins(module); }), HasSubstr("must be 0, or 2 or more"));
}

TEST(HeadLevelsTest, OffsetsOfPriors) {
  EXPECT_EQ(ReadPriorOffset(Head("x=1"), 0.25), 0.25);
  EXPECT_EQ(ReadPriorOffset(Head("prior_generator=dict(type='MlvlPointGenerator')"), 0), 0.5);
  EXPECT_EQ(ReadPriorOffset(Head("prior_generator=dict(type='MlvlPointGenerator', offset=0)"), 1),
            0);
}

}  // namespace
}  // namespace yoloport::models
