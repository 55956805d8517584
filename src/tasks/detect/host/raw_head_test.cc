#include "tasks/detect/host/raw_head.h"

#include <gtest/gtest.h>

namespace yoloport::tasks::detect::host {
namespace {

const std::vector<float> kNumbers(1000);

std::ptrdiff_t Place(const RawNumbers& numbers) { return numbers.first - kNumbers.data(); }

// Two anchors of 4 box channels, objectness and two classes: 14 maps of 3 x 5 cells.
const contract::HeadSpec kAnchored = {.coding = contract::BoxCoding::kAnchor,
                                      .objectness = true,
                                      .num_classes = 2,
                                      .levels = {{{8, 8}, {{10, 13}, {16, 30}}}}};
constexpr std::array<int, 2> kExtent = {3, 5};

TEST(RawHeadTest, AnchorsFollowEachOther) {
  const RawMap map = {kNumbers.data(), 14};
  const std::vector<RawBlock> blocks =
      SplitIntoBlocks(contract::JoinedRawHead(kAnchored, {&kExtent, 1}, false), {&map, 1});
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(Place(blocks[1].box), 7 * 15);
  EXPECT_EQ(Place(blocks[1].objectness), 11 * 15);
  EXPECT_EQ(Place(blocks[1].classes), 12 * 15);
  EXPECT_EQ(blocks[1].classes.channel_step, 15);
  EXPECT_EQ(blocks[1].classes.cell_step, 1);
  EXPECT_EQ(blocks[1].anchor, (std::array<float, 2>{16, 30}));
  EXPECT_EQ(blocks[0].cells(), 15);
}

// 2 classes, 4 sides of 3 bins and objectness: 15 channels.
TEST(RawHeadTest, ClassesComeBeforeBoxesWithoutAnchors) {
  const contract::HeadSpec head = {
      .objectness = true, .num_classes = 2, .bins = 3, .levels = {{{8, 4}, {}}}};
  const RawMap map = {kNumbers.data(), 15};
  const std::vector<RawBlock> blocks =
      SplitIntoBlocks(contract::JoinedRawHead(head, {&kExtent, 1}, false), {&map, 1});
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(Place(blocks[0].classes), 0);
  EXPECT_EQ(Place(blocks[0].box), 2 * 15);
  EXPECT_EQ(Place(blocks[0].objectness), 14 * 15);
  EXPECT_EQ(blocks[0].stride, (std::array<float, 2>{8, 4}));
}

TEST(RawHeadTest, ChannelsLast) {
  const RawMap map = {kNumbers.data(), 14};
  const std::vector<RawBlock> blocks =
      SplitIntoBlocks(contract::JoinedRawHead(kAnchored, {&kExtent, 1}, true), {&map, 1});
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(Place(blocks[1].box), 7);
  EXPECT_EQ(Place(blocks[1].classes), 12);
  EXPECT_EQ(blocks[1].classes.channel_step, 1);
  EXPECT_EQ(blocks[1].classes.cell_step, 14);
}

// Each part as an output of its own: maps of 4, 2 and 8 channels.
TEST(RawHeadTest, PartsApart) {
  contract::RawHeadFit fit = {.head = kAnchored, .channels_last = true};
  fit.levels = {{.height = 3,
                 .width = 5,
                 .classes = {0, 0, 2},
                 .boxes = {2, 0, 4},
                 .objectness = contract::RawPart{1, 0, 1}}};
  const std::vector<RawMap> maps = {
      {kNumbers.data(), 4}, {kNumbers.data() + 100, 2}, {kNumbers.data() + 200, 8}};
  const std::vector<RawBlock> blocks = SplitIntoBlocks(fit, maps);
  ASSERT_EQ(blocks.size(), 2U);
  EXPECT_EQ(Place(blocks[1].classes), 2);
  EXPECT_EQ(Place(blocks[1].objectness), 101);
  EXPECT_EQ(Place(blocks[1].box), 204);
  EXPECT_EQ(blocks[1].classes.cell_step, 4);
  EXPECT_EQ(blocks[1].objectness.cell_step, 2);
  EXPECT_EQ(blocks[1].box.cell_step, 8);
}

TEST(RawHeadTest, NoObjectnessIsNoPointer) {
  const contract::HeadSpec head = {.num_classes = 2, .levels = {{{8, 8}, {}}}};
  const RawMap map = {kNumbers.data(), 6};
  const std::vector<RawBlock> blocks =
      SplitIntoBlocks(contract::JoinedRawHead(head, {&kExtent, 1}, false), {&map, 1});
  EXPECT_EQ(blocks[0].objectness.first, nullptr);
}

}  // namespace
}  // namespace yoloport::tasks::detect::host
