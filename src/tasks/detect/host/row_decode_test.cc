#include "tasks/detect/host/row_decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "tasks/detect/host/nms.h"

namespace yoloport::tasks::detect::host {
namespace {

using contract::BoxNumbers;
using contract::NmsPolicy;
using contract::RowFormat;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// "label score" of each.
std::vector<std::pair<int, float>> Scored(const RawCandidates& candidates) {
  std::vector<std::pair<int, float>> scored;
  for (const ScoredBox& box : candidates.scored) scored.emplace_back(box.label, box.score);
  return scored;
}

RawCandidates Find(const RowFormat& format, const std::vector<float>& numbers,
                   const NmsPolicy& policy, const MinBox& min_box = kAnyBox) {
  const auto count = static_cast<std::int64_t>(numbers.size()) / format.Numbers();
  return FindRowCandidates(format, {numbers.data(), count}, 64, 64, policy, min_box);
}

constexpr NmsPolicy kBestOnly = {.score_threshold = 0.25, .multi_label = false};

TEST(RowDecodeTest, ReadsEitherOrderOfNumbers) {
  const std::vector<float> rows = {10, 20, 4, 8, 0.5F,   0.25F,  //
                                   30, 20, 4, 8, 0.125F, 0.75F};
  const RawCandidates last = Find({.num_classes = 2}, rows, kBestOnly);
  EXPECT_THAT(Scored(last), ElementsAre(std::pair(0, 0.5F), std::pair(1, 0.75F)));
  EXPECT_THAT(last.boxes[0], ElementsAre(8, 16, 12, 24));
  std::vector<float> turned;
  for (int i = 0; i < 6; ++i) turned.insert(turned.end(), {rows[i], rows[6 + i]});
  const RawCandidates first = Find({.channels_first = true, .num_classes = 2}, turned, kBestOnly);
  EXPECT_EQ(Scored(first), Scored(last));
  EXPECT_EQ(first.boxes, last.boxes);
}

TEST(RowDecodeTest, CornersAreCorners) {
  const RawCandidates found =
      Find({.box = BoxNumbers::kCorners, .num_classes = 1}, {1, 2, 3, 4, 0.5F}, kBestOnly);
  EXPECT_THAT(found.boxes, ElementsAre(ElementsAre(1, 2, 3, 4)));
}

TEST(RowDecodeTest, ObjectnessCounts) {
  const RowFormat format = {.objectness = true, .num_classes = 2};
  const std::vector<float> rows = {10, 20, 4, 8, 0.5F,  0.25F, 1,      //
                                   30, 20, 4, 8, 0.25F, 1,     0.5F};  // 0.25: not above it
  EXPECT_THAT(Scored(Find(format, rows, kBestOnly)), ElementsAre(std::pair(1, 0.5F)));
}

TEST(RowDecodeTest, LogitsBecomeProbabilities) {
  const RowFormat format = {.objectness = true, .activated = false, .num_classes = 1};
  const auto found = Scored(Find(format, {1, 1, 1, 1, 2, 3}, kBestOnly));
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_NEAR(found[0].second, 1 / (1 + std::exp(-2.0)) / (1 + std::exp(-3.0)), 1e-6);
}

TEST(RowDecodeTest, ARowMayStandForSeveralClasses) {
  const std::vector<float> rows = {10, 20, 4, 8, 0.5F, 0.375F};
  const NmsPolicy several = {.score_threshold = 0.25, .multi_label = true};
  EXPECT_THAT(Scored(Find({.num_classes = 2}, rows, several)),
              ElementsAre(std::pair(0, 0.5F), std::pair(1, 0.375F)));
  NmsPolicy agnostic = several;
  agnostic.class_agnostic = true;
  EXPECT_THAT(Scored(Find({.num_classes = 2}, rows, agnostic)), ElementsAre(std::pair(0, 0.5F)));
}

TEST(RowDecodeTest, TheBestRowsEnter) {
  NmsPolicy policy = kBestOnly;
  policy.pre_topk = 2;
  const std::vector<float> rows = {0, 0, 2, 2, 0.5F, 9, 9, 2, 2, 0.75F, 30, 30, 2, 2, 0.625F};
  const RawCandidates found = Find({.num_classes = 1}, rows, policy);
  EXPECT_THAT(Scored(found), ElementsAre(std::pair(0, 0.75F), std::pair(0, 0.625F)));
}

// YOLOX: center = (offset + cell) * stride, size = exp(number) * stride.
TEST(RowDecodeTest, AGridIsDecoded) {
  const std::vector<int> strides = {32, 64};
  const RowFormat format = {.num_classes = 1, .grid_strides = strides};
  EXPECT_EQ(GridRows(strides, 64, 64), 5);
  EXPECT_EQ(GridRows(strides, 65, 33), 3 * 2 + 2 * 1);
  std::vector<float> rows;
  for (int row = 0; row < 5; ++row) rows.insert(rows.end(), {0.5F, 0.25F, 0, 0.5F, 0.5F});
  const RawCandidates found = Find(format, rows, kBestOnly);
  const float h = std::exp(0.5F);
  ASSERT_THAT(found.boxes, SizeIs(5));
  EXPECT_THAT(found.boxes[0], ElementsAre(0, 8 - h * 16, 32, 8 + h * 16));
  EXPECT_THAT(found.boxes[1], ElementsAre(32, 8 - h * 16, 64, 8 + h * 16));
  EXPECT_THAT(found.boxes[2], ElementsAre(0, 40 - h * 16, 32, 40 + h * 16));
  EXPECT_THAT(found.boxes[4], ElementsAre(0, 16 - h * 32, 64, 16 + h * 32));
}

TEST(RowDecodeTest, WhatCanBeNoDetectionIsCounted) {
  const std::vector<float> rows = {1, 1, 1,    1, kNan,   0.5F,    //
                                   1, 1, 1,    1, 1.5F,   0.5F,    //
                                   1, 1, 1,    1, -0.5F,  0.5F,    //
                                   1, 1, kNan, 1, 0.125F, 0.5F,    //
                                   1, 1, kNan, 1, 0.125F, 0.125F,  // not looked at
                                   1, 1, 1,    1, 0.5F,   0.5F};
  const RawCandidates found = Find({.num_classes = 2}, rows, kBestOnly);
  EXPECT_EQ(found.wrong_scores, 3);
  EXPECT_EQ(found.wrong_boxes, 1);
  EXPECT_THAT(Scored(found), ElementsAre(std::pair(0, 0.5F)));
  const RowFormat with_object = {.objectness = true, .num_classes = 1};
  EXPECT_EQ(Find(with_object, {1, 1, 1, 1, kNan, 0.5F}, kBestOnly).wrong_scores, 1);
  EXPECT_THAT(Find({.num_classes = 1}, {}, kBestOnly).scored, IsEmpty());
}

TEST(RowDecodeTest, SmallBoxesDoNotEnter) {
  const std::vector<float> rows = {10, 10, 2, 8, 0.5F, 10, 10, 3, 8, 0.5F};
  EXPECT_THAT(Find({.num_classes = 1}, rows, kBestOnly, {2, 2}).scored, SizeIs(1));
}

// More rows than a tile of the scan.
TEST(RowDecodeTest, ManyRows) {
  std::vector<float> rows;
  for (int row = 0; row < 3000; ++row) {
    rows.insert(rows.end(), {0, 0, 1, 1, row == 2500 ? 0.75F : 0.125F});
  }
  const RawCandidates found = Find({.num_classes = 1}, rows, kBestOnly);
  EXPECT_THAT(Scored(found), ElementsAre(std::pair(0, 0.75F)));
}

}  // namespace
}  // namespace yoloport::tasks::detect::host
