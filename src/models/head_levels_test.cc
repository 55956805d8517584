// What heads read of their configs.
#include "models/head_levels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "models/test_configs.h"

namespace yoloport::models {
namespace {

using Pair = std::array<double, 2>;
using testing::ElementsAre;

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

TEST(HeadLevelsTest, OffsetsOfPriors) {
  EXPECT_EQ(ReadPriorOffset(Head("x=1"), 0.25), 0.25);
  EXPECT_EQ(ReadPriorOffset(Head("prior_generator=dict(type='MlvlPointGenerator')"), 0), 0.5);
  EXPECT_EQ(ReadPriorOffset(Head("prior_generator=dict(type='MlvlPointGenerator', offset=0)"), 1),
            0);
}

}  // namespace
}  // namespace yoloport::models
