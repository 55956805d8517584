#include "tasks/detect/host/nms.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace yoloport::tasks::detect::host {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

RawCandidates Boxes(std::vector<Corners> boxes) {
  RawCandidates candidates;
  for (std::size_t i = 0; i < boxes.size(); ++i) {
    candidates.scored.push_back(
        {0.9F - 0.01F * static_cast<float>(i), 0, static_cast<int>(i), static_cast<int>(i)});
  }
  candidates.boxes = std::move(boxes);
  return candidates;
}

TEST(HostNmsTest, TheIouThresholdItselfStays) {
  // 10 x 10 and its left half: the IoU is one half.
  const RawCandidates candidates = Boxes({{0, 0, 10, 10}, {0, 0, 5, 10}});
  EXPECT_THAT(SuppressNonMaxima(candidates, {.iou_threshold = 0.5}), SizeIs(2));
  EXPECT_THAT(SuppressNonMaxima(candidates, {.iou_threshold = 0.4999}), SizeIs(1));
  EXPECT_THAT(SuppressNonMaxima(candidates, {.iou_threshold = 1}), SizeIs(2));
}

TEST(HostNmsTest, BoxesWithoutAreaNeitherSuppressNorAreSuppressed) {
  const RawCandidates candidates =
      Boxes({{5, 5, 5, 5}, {5, 5, 5, 5}, {0, 0, 10, 10}, {5, 0, 5, 10}, {20, 0, 30, 10}});
  EXPECT_THAT(SuppressNonMaxima(candidates, {.iou_threshold = 0}), SizeIs(5));
}

TEST(HostNmsTest, CornersMayBeTheWrongWayRound) {
  const auto found = SuppressNonMaxima(Boxes({{10, 10, 0, 0}, {0, 0, 10, 9}}), {});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].box, ElementsAre(10, 10, 0, 0));
}

// More boxes of a class than are compared at once.
TEST(HostNmsTest, LongListsAreComparedToTheirEnd) {
  for (int count = 14; count <= 50; ++count) {
    std::vector<Corners> boxes;
    for (int i = 0; i < count; ++i) {
      const auto x = static_cast<float>(20 * i);
      boxes.push_back({x, 0, x + 10, 10});
    }
    for (const int twin : {0, count / 2, count - 1}) {
      auto all = boxes;
      all.push_back(boxes[static_cast<std::size_t>(twin)]);
      EXPECT_THAT(SuppressNonMaxima(Boxes(all), {}), SizeIs(count)) << twin;
    }
  }
}

TEST(HostNmsTest, ClassesAreSuppressedApart) {
  RawCandidates candidates = Boxes({{0, 0, 10, 10}, {0, 0, 10, 10}});
  candidates.scored[1].label = 1;
  EXPECT_THAT(SuppressNonMaxima(candidates, {}), SizeIs(2));
  EXPECT_THAT(SuppressNonMaxima(candidates, {.class_agnostic = true}), SizeIs(1));
}

TEST(HostNmsTest, TheBestOfAllClassesAreKept) {
  RawCandidates candidates = Boxes({{0, 0, 9, 9}, {20, 0, 29, 9}, {40, 0, 49, 9}, {60, 0, 69, 9}});
  candidates.scored[0] = {0.3F, 0, 0, 0};
  candidates.scored[1] = {0.8F, 0, 1, 1};
  candidates.scored[2] = {0.5F, 1, 2, 2};
  candidates.scored[3] = {0.9F, 1, 3, 3};
  const auto found = SuppressNonMaxima(candidates, {.keep_topk = 3});
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].label, 1);
  EXPECT_FLOAT_EQ(found[0].score, 0.9F);
  EXPECT_EQ(found[1].label, 0);
  EXPECT_THAT(found[1].box, ElementsAre(20, 0, 29, 9));
  EXPECT_FLOAT_EQ(found[2].score, 0.5F);
  EXPECT_THAT(SuppressNonMaxima(candidates, {.keep_topk = 0}), SizeIs(0));
}

// Of equal scores in a class the lower rank goes first, and suppresses the other.
TEST(HostNmsTest, RanksDecideBetweenEqualScores) {
  RawCandidates candidates = Boxes({{0, 0, 10, 10}, {0, 0, 10, 9}});
  candidates.scored[0] = {0.5F, 0, 0, 1};
  candidates.scored[1] = {0.5F, 0, 1, 0};
  const auto found = SuppressNonMaxima(candidates, {});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].box, ElementsAre(0, 0, 10, 9));
}

}  // namespace
}  // namespace yoloport::tasks::detect::host
