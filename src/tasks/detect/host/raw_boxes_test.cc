// Boxes worked out by hand from the formulas of contract::BoxCoding.
#include "tasks/detect/host/raw_boxes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace yoloport::tasks::detect::host {
namespace {

using testing::ElementsAre;
using testing::FloatNear;

auto Near(float a, float b, float c, float d) {
  constexpr float kPixels = 1e-4F;
  return ElementsAre(FloatNear(a, kPixels), FloatNear(b, kPixels), FloatNear(c, kPixels),
                     FloatNear(d, kPixels));
}

contract::HeadSpec HeadOf(contract::BoxCoding coding, int bins = 1, float prior_offset = 0) {
  contract::HeadSpec head;
  head.coding = coding;
  head.bins = bins;
  head.prior_offset = prior_offset;
  return head;
}

RawBlock WithStride(std::array<float, 2> stride) {
  RawBlock block;
  block.stride = stride;
  return block;
}

RawBlock WithAnchor(std::array<float, 2> anchor) {
  RawBlock block;
  block.anchor = anchor;
  return block;
}

// The box of the channels `said` in the cell of column 2 and row 1, of 3 cells a row.
Corners BoxOf(const contract::HeadSpec& head, const std::vector<float>& said, RawBlock block = {}) {
  constexpr int kCell = 5;
  std::vector<float> channels(said.size() * 6, 99);
  for (std::size_t i = 0; i < said.size(); ++i) channels[i * 6 + kCell] = said[i];
  block.box = {channels.data(), 6, 1};
  block.height = 2;
  block.width = 3;
  if (block.stride[0] == 0) block.stride = {8, 8};
  const RawAnchor anchor = {&block, kCell};
  return DecodeBoxes(head, {&anchor, 1}).front();
}

// The prior is (2.5, 1.5) cells.
TEST(RawBoxesTest, Distances) {
  const contract::HeadSpec head = HeadOf(contract::BoxCoding::kDistance, 1, 0.5F);
  EXPECT_THAT(BoxOf(head, {1, 0.5F, 2, 0.25F}), Near(12, 8, 36, 14));
  EXPECT_THAT(BoxOf(head, {1, 0.5F, 2, 0.25F}, WithStride({8, 4})), Near(12, 4, 36, 7));
  EXPECT_THAT(BoxOf(HeadOf(contract::BoxCoding::kDistance), {1, 0.5F, 2, 0.25F}),
              Near(8, 4, 32, 10));
}

// Weights 1 : 1 : 1 have the mean 1; 0 : 0 : 1 2; 1 : 2 : 0 2/3; 1 : 0 : 0 0.
TEST(RawBoxesTest, Distributions) {
  const contract::HeadSpec head = HeadOf(contract::BoxCoding::kDistance, 3, 0.5F);
  constexpr float kNever = -100;
  const std::vector<float> said = {5,      5, 5,      kNever, kNever, 0, 1, 1 + std::log(2.F),
                                   kNever, 7, kNever, kNever};
  EXPECT_THAT(BoxOf(head, said), Near(12, -4, (2.5F + 2.F / 3) * 8, 12));
}

// Logits far apart neither overflow nor vanish.
TEST(RawBoxesTest, DistributionsOfLargeLogits) {
  const contract::HeadSpec head = HeadOf(contract::BoxCoding::kDistance, 2);
  const std::vector<float> said = {900, 900, -900, -900, 1000, 0, 0, 1000};
  EXPECT_THAT(BoxOf(head, said), Near(12, 4, 16, 16));
}

// Column 2, row 1: centre (2.25, 0.5) cells, size 2 x 1 cells.
TEST(RawBoxesTest, CentresAndSizes) {
  const contract::HeadSpec head = HeadOf(contract::BoxCoding::kCenterSize);
  EXPECT_THAT(BoxOf(head, {0.25F, -0.5F, std::log(2.F), 0}), Near(10, 0, 26, 8));
}

// Logits of 0 are the cell's centre and the anchor's size; log 3 is a sigmoid of 0.75, half a cell
// further and 1.5 squared of the size.
TEST(RawBoxesTest, Anchors) {
  const contract::HeadSpec head = HeadOf(contract::BoxCoding::kAnchor);
  EXPECT_THAT(BoxOf(head, {0, 0, 0, 0}, WithAnchor({16, 30})), Near(12, -3, 28, 27));
  const float further = std::log(3.F);
  EXPECT_THAT(BoxOf(head, {further, 0, further, 0}, WithAnchor({16, 30})), Near(6, -3, 42, 27));
}

TEST(RawBoxesTest, WhatIsNoNumberGivesNone) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(BoxOf({}, {nan, 0, 0, 0})[0]));
  EXPECT_TRUE(
      std::isnan(BoxOf(HeadOf(contract::BoxCoding::kDistance, 2), {nan, 0, 0, 0, 0, 0, 0, 0})[0]));
}

// More than are decoded at a time; each has the distances of its own cell.
TEST(RawBoxesTest, ManyAtOnce) {
  constexpr int kCells = 70;
  std::vector<float> channels(4 * kCells);
  for (int i = 0; i < kCells; ++i) channels[2 * kCells + i] = static_cast<float>(i);  // right sides
  RawBlock block;
  block.box = {channels.data(), kCells, 1};
  block.height = 1;
  block.width = kCells;
  block.stride = {1, 1};
  std::vector<RawAnchor> anchors;
  for (int i = 0; i < kCells; ++i) anchors.push_back({&block, i});
  const std::vector<Corners> boxes = DecodeBoxes(HeadOf(contract::BoxCoding::kDistance), anchors);
  ASSERT_EQ(boxes.size(), static_cast<std::size_t>(kCells));
  for (int i = 0; i < kCells; ++i) {
    EXPECT_THAT(boxes[i], ElementsAre(i, 0, 2 * i, 0)) << i;
  }
}

}  // namespace
}  // namespace yoloport::tasks::detect::host
