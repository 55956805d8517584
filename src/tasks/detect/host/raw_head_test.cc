#include "tasks/detect/host/raw_head.h"

#include <gtest/gtest.h>

namespace yoloport::tasks::detect::host {
namespace {

// Where `at` lies among the numbers of `map`.
std::ptrdiff_t Place(const RawMap& map, const float* at) { return at - map.data; }

const std::vector<float> kNumbers(1000);

// Two anchors of 4 box channels, objectness and two classes: 14 maps of 3 x 5 cells.
TEST(RawHeadTest, AnchorsFollowEachOther) {
  const contract::HeadSpec head = {.coding = contract::BoxCoding::kAnchor,
                                   .objectness = true,
                                   .num_classes = 2,
                                   .levels = {{{8, 8}, {{10, 13}, {16, 30}}}}};
  const RawMap map = {kNumbers.data(), 3, 5, false};
  const std::vector<RawBlock> blocks = SplitIntoBlocks(head, {&map, 1});
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(Place(map, blocks[1].box), 7 * 15);
  EXPECT_EQ(Place(map, blocks[1].objectness), 11 * 15);
  EXPECT_EQ(Place(map, blocks[1].classes), 12 * 15);
  EXPECT_EQ(blocks[1].channel_step, 15);
  EXPECT_EQ(blocks[1].cell_step, 1);
  EXPECT_EQ(blocks[1].anchor, (std::array<float, 2>{16, 30}));
  EXPECT_EQ(blocks[0].cells(), 15);
}

// 2 classes, 4 sides of 3 bins and objectness: 15 channels.
TEST(RawHeadTest, ClassesComeBeforeBoxesWithoutAnchors) {
  const contract::HeadSpec head = {
      .objectness = true, .num_classes = 2, .bins = 3, .levels = {{{8, 4}, {}}}};
  const RawMap map = {kNumbers.data(), 3, 5, false};
  const std::vector<RawBlock> blocks = SplitIntoBlocks(head, {&map, 1});
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(Place(map, blocks[0].classes), 0);
  EXPECT_EQ(Place(map, blocks[0].box), 2 * 15);
  EXPECT_EQ(Place(map, blocks[0].objectness), 14 * 15);
  EXPECT_EQ(blocks[0].stride, (std::array<float, 2>{8, 4}));
}

TEST(RawHeadTest, ChannelsLast) {
  const contract::HeadSpec head = {.coding = contract::BoxCoding::kAnchor,
                                   .objectness = true,
                                   .num_classes = 2,
                                   .levels = {{{8, 8}, {{10, 13}, {16, 30}}}}};
  const RawMap map = {kNumbers.data(), 3, 5, true};
  const std::vector<RawBlock> blocks = SplitIntoBlocks(head, {&map, 1});
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(Place(map, blocks[1].box), 7);
  EXPECT_EQ(Place(map, blocks[1].classes), 12);
  EXPECT_EQ(blocks[1].channel_step, 1);
  EXPECT_EQ(blocks[1].cell_step, 14);
}

TEST(RawHeadTest, NoObjectnessIsNoPointer) {
  const contract::HeadSpec head = {.num_classes = 2, .levels = {{{8, 8}, {}}}};
  const RawMap map = {kNumbers.data(), 3, 5, false};
  EXPECT_EQ(SplitIntoBlocks(head, {&map, 1})[0].objectness, nullptr);
}

}  // namespace
}  // namespace yoloport::tasks::detect::host
