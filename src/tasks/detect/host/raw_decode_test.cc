// Heads of random numbers through the fast decoder and through a plain one here, in double and
// without a thought for speed; and the corners of docs/nms.md one by one.
#include "tasks/detect/host/raw_decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>

#include "tasks/detect/host/nms.h"

namespace yoloport::tasks::detect::host {
namespace {

using testing::IsEmpty;
using testing::SizeIs;

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

// A head and what it gave: channels x height x width a level.
struct Scene {
  contract::HeadSpec head;
  std::vector<std::array<int, 2>> extents;  // height, width
  std::vector<std::vector<float>> values;

  int Channels(std::size_t level) const {
    const auto anchors = std::max<std::size_t>(1, head.levels[level].anchors.size());
    return static_cast<int>(anchors) * head.ChannelsPerAnchor();
  }
  float At(std::size_t level, int channel, int cell) const {
    const auto& [height, width] = extents[level];
    return values[level][static_cast<std::size_t>(channel) * height * width + cell];
  }
  float& At(std::size_t level, int channel, int cell) {
    const auto& [height, width] = extents[level];
    return values[level][static_cast<std::size_t>(channel) * height * width + cell];
  }
  std::vector<RawMap> Maps() const {
    std::vector<RawMap> maps;
    for (std::size_t i = 0; i < values.size(); ++i) {
      maps.push_back({values[i].data(), Channels(i)});
    }
    return maps;
  }
  contract::RawHeadFit Fit() const { return contract::JoinedRawHead(head, extents, false); }
  std::vector<Detection> Detect(const contract::NmsPolicy& policy,
                                const MinBox& min_box = kAnyBox) const {
    return SuppressNonMaxima(FindCandidates(Fit(), Maps(), policy, min_box), policy);
  }
};

Scene RandomScene(const contract::HeadSpec& head, unsigned seed) {
  Scene scene{head, {{12, 17}, {6, 9}}, {}};
  std::mt19937 random(seed);
  std::normal_distribution<float> classes(-2, 1.5F);
  std::normal_distribution<float> boxes(0.8F, 0.7F);
  std::normal_distribution<float> objects(0.5F, 1.5F);
  for (std::size_t level = 0; level < 2; ++level) {
    const int channels = scene.Channels(level);
    const int cells = scene.extents[level][0] * scene.extents[level][1];
    scene.values.emplace_back(static_cast<std::size_t>(channels) * cells);
    for (int channel = 0; channel < channels; ++channel) {
      const int within = channel % head.ChannelsPerAnchor();
      const bool anchored = head.coding == contract::BoxCoding::kAnchor;
      const bool is_box =
          anchored ? within < 4
                   : within >= head.num_classes && within < head.num_classes + 4 * head.bins;
      const bool is_object =
          head.objectness && (anchored ? within == 4 : within == head.num_classes + 4);
      for (int cell = 0; cell < cells; ++cell) {
        scene.At(level, channel, cell) = is_box      ? boxes(random)
                                         : is_object ? objects(random)
                                                     : classes(random);
      }
    }
  }
  return scene;
}

// --- the plain implementation ---

struct PlainAnchor {
  std::array<double, 4> box;
  std::vector<double> scores;
  double best = 0;
};

double Sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

PlainAnchor PlainDecode(const Scene& scene, std::size_t level, std::size_t anchor, int cell) {
  const contract::HeadSpec& head = scene.head;
  const bool anchored = head.coding == contract::BoxCoding::kAnchor;
  const int first = static_cast<int>(anchor) * head.ChannelsPerAnchor();
  const int first_class = anchored ? first + 5 : first;
  const int first_box = anchored ? first : first + head.num_classes;
  const int objectness = anchored ? first + 4 : first_box + 4 * head.bins;
  PlainAnchor result;
  const double object = head.objectness ? Sigmoid(scene.At(level, objectness, cell)) : 1;
  for (int c = 0; c < head.num_classes; ++c) {
    result.scores.push_back(Sigmoid(scene.At(level, first_class + c, cell)) * object);
  }
  result.best = *std::max_element(result.scores.begin(), result.scores.end());
  const auto [row, column] = std::div(cell, scene.extents[level][1]);
  const double x = column;
  const double y = row;
  const double stride_x = head.levels[level].stride[0];
  const double stride_y = head.levels[level].stride[1];
  std::array<double, 4> v{};
  for (int side = 0; side < 4; ++side) {
    double sum = 0;
    for (int bin = 0; bin < head.bins; ++bin) {
      const double value = scene.At(level, first_box + side * head.bins + bin, cell);
      if (head.bins == 1) v[side] = value;
      if (head.bins > 1) v[side] += bin * std::exp(value);
      sum += std::exp(value);
    }
    if (head.bins > 1) v[side] /= sum;
  }
  double center_x = (x + head.prior_offset + v[0]) * stride_x;
  double center_y = (y + head.prior_offset + v[1]) * stride_y;
  double width = std::exp(v[2]) * stride_x;
  double height = std::exp(v[3]) * stride_y;
  if (anchored) {
    const contract::AnchorSize& size = head.levels[level].anchors[anchor];
    center_x = (x + 2 * Sigmoid(v[0]) - 0.5) * stride_x;
    center_y = (y + 2 * Sigmoid(v[1]) - 0.5) * stride_y;
    width = std::pow(2 * Sigmoid(v[2]), 2) * size[0];
    height = std::pow(2 * Sigmoid(v[3]), 2) * size[1];
  }
  result.box = {center_x - width / 2, center_y - height / 2, center_x + width / 2,
                center_y + height / 2};
  if (head.coding == contract::BoxCoding::kDistance) {
    const double px = x + head.prior_offset;
    const double py = y + head.prior_offset;
    result.box = {(px - v[0]) * stride_x, (py - v[1]) * stride_y, (px + v[2]) * stride_x,
                  (py + v[3]) * stride_y};
  }
  return result;
}

double PlainIou(const std::array<double, 4>& a, const std::array<double, 4>& b) {
  const auto span = [](double p, double q) { return std::minmax({p, q}); };
  const auto [ax1, ax2] = span(a[0], a[2]);
  const auto [ay1, ay2] = span(a[1], a[3]);
  const auto [bx1, bx2] = span(b[0], b[2]);
  const auto [by1, by2] = span(b[1], b[3]);
  const double width = std::max(0.0, std::min(ax2, bx2) - std::max(ax1, bx1));
  const double height = std::max(0.0, std::min(ay2, by2) - std::max(ay1, by1));
  const double both = width * height;
  return both / ((ax2 - ax1) * (ay2 - ay1) + (bx2 - bx1) * (by2 - by1) - both);
}

struct PlainFound {
  int label;
  double score;
  std::array<double, 4> box;
};

std::vector<PlainFound> PlainDetect(const Scene& scene, const contract::NmsPolicy& settings) {
  std::vector<PlainAnchor> anchors;
  for (std::size_t level = 0; level < scene.values.size(); ++level) {
    for (std::size_t a = 0; a < std::max<std::size_t>(1, scene.head.levels[level].anchors.size());
         ++a) {
      for (int cell = 0; cell < scene.extents[level][0] * scene.extents[level][1]; ++cell) {
        anchors.push_back(PlainDecode(scene, level, a, cell));
      }
    }
  }
  std::stable_sort(anchors.begin(), anchors.end(),
                   [](const PlainAnchor& a, const PlainAnchor& b) { return a.best > b.best; });
  if (static_cast<std::int64_t>(anchors.size()) > settings.pre_topk) {
    anchors.resize(static_cast<std::size_t>(settings.pre_topk));
  }
  std::vector<PlainFound> candidates;
  for (const PlainAnchor& anchor : anchors) {
    for (std::size_t c = 0; c < anchor.scores.size(); ++c) {
      const bool counts =
          (settings.multi_label && !settings.class_agnostic) || anchor.scores[c] == anchor.best;
      if (counts && anchor.scores[c] > settings.score_threshold) {
        candidates.push_back({static_cast<int>(c), anchor.scores[c], anchor.box});
      }
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const PlainFound& a, const PlainFound& b) { return a.score > b.score; });
  std::vector<PlainFound> kept;
  for (const PlainFound& candidate : candidates) {
    const bool suppressed = std::any_of(kept.begin(), kept.end(), [&](const PlainFound& better) {
      return (settings.class_agnostic || better.label == candidate.label) &&
             PlainIou(better.box, candidate.box) > settings.iou_threshold;
    });
    if (!suppressed) kept.push_back(candidate);
  }
  if (static_cast<std::int64_t>(kept.size()) > settings.keep_topk) {
    kept.resize(static_cast<std::size_t>(settings.keep_topk));
  }
  return kept;
}

// --- random heads ---

struct Setting {
  std::string name;
  contract::HeadSpec head;
  contract::NmsPolicy nms = {};
};

contract::HeadSpec MakeHead(contract::BoxCoding coding, int bins = 1, float prior_offset = 0.5F) {
  contract::HeadSpec head;
  head.coding = coding;
  head.objectness = coding != contract::BoxCoding::kDistance;
  head.num_classes = 5;
  head.bins = bins;
  head.prior_offset = prior_offset;
  head.levels = {{{8, 8}, {}}, {{16, 16}, {}}};
  if (coding == contract::BoxCoding::kAnchor) {
    head.levels[0].anchors = {{10, 13}, {16, 30}, {33, 23}};
    head.levels[1].anchors = {{30, 61}, {62, 45}, {59, 119}};
  }
  return head;
}

class RandomHeadTest : public testing::TestWithParam<Setting> {};

TEST_P(RandomHeadTest, EqualsThePlainImplementation) {
  const Setting& setting = GetParam();
  for (unsigned seed = 1; seed <= 3; ++seed) {
    const Scene scene = RandomScene(setting.head, seed);
    const auto expected = PlainDetect(scene, setting.nms);
    const auto found = scene.Detect(setting.nms);
    ASSERT_GE(expected.size(), 7U) << "too little to compare";
    ASSERT_THAT(found, SizeIs(expected.size()));
    for (std::size_t i = 0; i < found.size(); ++i) {
      EXPECT_EQ(found[i].label, expected[i].label) << i;
      EXPECT_NEAR(found[i].score, expected[i].score, 1e-6) << i;
      for (std::size_t side = 0; side < 4; ++side) {
        EXPECT_NEAR(found[i].box[side], expected[i].box[side], 1e-3) << i;
      }
    }
  }
}

// The same numbers, channels last.
TEST_P(RandomHeadTest, ChannelsLastGiveTheSame) {
  const Setting& setting = GetParam();
  const Scene scene = RandomScene(setting.head, 4);
  std::vector<RawMap> maps = scene.Maps();
  std::vector<std::vector<float>> turned;
  for (std::size_t level = 0; level < maps.size(); ++level) {
    const int channels = scene.Channels(level);
    const int cells = scene.extents[level][0] * scene.extents[level][1];
    turned.emplace_back();
    for (int cell = 0; cell < cells; ++cell) {
      for (int c = 0; c < channels; ++c) turned.back().push_back(scene.At(level, c, cell));
    }
  }
  for (std::size_t level = 0; level < maps.size(); ++level) {
    maps[level].data = turned[level].data();
  }
  const auto expected = scene.Detect(setting.nms);
  const contract::RawHeadFit fit = contract::JoinedRawHead(setting.head, scene.extents, true);
  const auto found = SuppressNonMaxima(FindCandidates(fit, maps, setting.nms), setting.nms);
  ASSERT_THAT(found, SizeIs(expected.size()));
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].label, expected[i].label);
    EXPECT_EQ(found[i].score, expected[i].score);
    EXPECT_EQ(found[i].box, expected[i].box);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Heads, RandomHeadTest,
    testing::Values(
        Setting{"anchors", MakeHead(contract::BoxCoding::kAnchor)},
        Setting{"center_size", MakeHead(contract::BoxCoding::kCenterSize, 1, 0)},
        Setting{"distance", MakeHead(contract::BoxCoding::kDistance)},
        Setting{"distance_without_offset", MakeHead(contract::BoxCoding::kDistance, 1, 0)},
        Setting{"distribution", MakeHead(contract::BoxCoding::kDistance, 6)},
        Setting{"anchors_all",
                MakeHead(contract::BoxCoding::kAnchor),
                {.score_threshold = 0.1, .pre_topk = contract::NmsPolicy::kAll, .keep_topk = 3000}},
        Setting{"distribution_all",
                MakeHead(contract::BoxCoding::kDistance, 6),
                {.score_threshold = 0, .pre_topk = contract::NmsPolicy::kAll, .keep_topk = 3000}},
        Setting{"pre_topk", MakeHead(contract::BoxCoding::kDistance, 6), {.pre_topk = 20}},
        Setting{"pre_topk_anchors", MakeHead(contract::BoxCoding::kAnchor), {.pre_topk = 20}},
        Setting{"keep_topk",
                MakeHead(contract::BoxCoding::kAnchor),
                {.iou_threshold = 0.2, .keep_topk = 7}},
        Setting{
            "class_agnostic", MakeHead(contract::BoxCoding::kDistance), {.class_agnostic = true}},
        Setting{"class_agnostic_pre_topk",
                MakeHead(contract::BoxCoding::kCenterSize, 1, 0),
                {.pre_topk = 25, .class_agnostic = true}},
        Setting{"best_class", MakeHead(contract::BoxCoding::kAnchor), {.multi_label = false}}),
    [](const testing::TestParamInfo<Setting>& test) { return test.param.name; });

// --- corners of the contract ---

// One level of 1 x `cells`, two classes, distances that give squares of 8 pixels 100 pixels apart.
Scene Row(int cells) {
  contract::HeadSpec head;
  head.num_classes = 2;
  head.prior_offset = 0.5F;
  head.levels = {{{100, 100}, {}}};
  Scene scene{head, {{1, cells}}, {std::vector<float>(static_cast<std::size_t>(6 * cells), -9)}};
  for (int side = 2; side < 6; ++side) {
    for (int cell = 0; cell < cells; ++cell) scene.At(0, side, cell) = 0.04F;
  }
  return scene;
}

float Logit(double score) { return static_cast<float>(std::log(score / (1 - score))); }

TEST(RawDecodeTest, NothingAboveTheThresholdIsNothing) {
  EXPECT_THAT(Row(5).Detect({}), IsEmpty());
  EXPECT_THAT(Row(0).Detect({}), IsEmpty());
  EXPECT_THAT(SuppressNonMaxima({}, {}), IsEmpty());
}

TEST(RawDecodeTest, TheThresholdItselfIsOut) {
  Scene scene = Row(3);
  scene.At(0, 0, 0) = 0;  // exactly one half
  scene.At(0, 0, 1) = 1e-6F;
  scene.At(0, 1, 2) = -1e-6F;
  const auto found = scene.Detect({.score_threshold = 0.5});
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_THAT(found[0].box, testing::Pointwise(testing::FloatNear(1e-3F), {146, 46, 154, 54}));
  // Every score is above 0, none above 1.
  EXPECT_THAT(scene.Detect({.score_threshold = 0}), SizeIs(6));
  scene.At(0, 0, 0) = 100;
  EXPECT_THAT(scene.Detect({.score_threshold = 1}), IsEmpty());
}

TEST(RawDecodeTest, TheThresholdItselfIsOutForEachClass) {
  Scene scene = Row(3);
  scene.At(0, 0, 1) = 1;
  scene.At(0, 1, 1) = 0;  // of an anchor that is in
  EXPECT_THAT(scene.Detect({.score_threshold = 0.5}), SizeIs(1));
  scene.At(0, 1, 1) = 1e-6F;
  EXPECT_THAT(scene.Detect({.score_threshold = 0.5}), SizeIs(2));
}

// The row's boxes are 8 x 8.
TEST(RawDecodeTest, BoxesMustExceedTheLeastSize) {
  const Scene scene = Row(3);
  const std::size_t all = scene.Detect({.score_threshold = 0}).size();
  ASSERT_GT(all, 0U);
  const auto found = [&](float width, float height) {
    return scene.Detect({.score_threshold = 0}, {width, height});
  };
  EXPECT_THAT(found(-1, -1), SizeIs(all));
  EXPECT_THAT(found(0, 0), SizeIs(all));
  EXPECT_THAT(found(7.9F, 7.9F), SizeIs(all));
  EXPECT_THAT(found(8.1F, 0), IsEmpty());
  EXPECT_THAT(found(0, 8.1F), IsEmpty());
}

// Thresholds all over the range, logits around each of theirs: the floor under the logits must not
// cut off what scores above.
TEST(RawDecodeTest, TheLogitFloorCutsNothingOff) {
  for (const double threshold :
       {1e-7, 1e-4, 0.001, 0.05, 0.25, 0.3, 0.7, 0.99, 0.99999, 0.9999999}) {
    Scene scene = Row(41);
    int above = 0;
    for (int cell = 0; cell < 41; ++cell) {
      const float logit = Logit(threshold) + static_cast<float>(cell - 20) * 1e-6F;
      scene.At(0, 0, cell) = logit;
      scene.At(0, 1, cell) = -1e4F;
      above += static_cast<int>(1.0F / (1.0F + std::exp(-logit)) > static_cast<float>(threshold));
    }
    EXPECT_THAT(scene.Detect({.score_threshold = threshold}), SizeIs(above)) << threshold;
  }
}

TEST(RawDecodeTest, WhatIsNoNumberNeverComesOut) {
  Scene scene = Row(6);
  for (int cell = 0; cell < 6; ++cell) scene.At(0, 0, cell) = 2;
  scene.At(0, 0, 0) = kNan;
  scene.At(0, 2, 1) = kNan;   // a side
  scene.At(0, 3, 2) = kInf;   // a side
  scene.At(0, 0, 3) = kInf;   // a score of 1
  scene.At(0, 1, 4) = kNan;   // the other class
  scene.At(0, 0, 5) = -kInf;  // a score of 0
  for (const bool agnostic : {false, true}) {
    const auto found = scene.Detect({.class_agnostic = agnostic});
    ASSERT_THAT(found, SizeIs(2));
    EXPECT_EQ(found[0].score, 1);
    EXPECT_NEAR(found[1].score, 0.8808, 1e-4);
    EXPECT_NEAR(found[1].box[0], 446, 1e-3);
  }
}

TEST(RawDecodeTest, ObjectnessThatIsNoNumberHidesTheAnchor) {
  contract::HeadSpec head = MakeHead(contract::BoxCoding::kCenterSize, 1, 0);
  Scene scene = RandomScene(head, 5);
  for (std::size_t level = 0; level < 2; ++level) {
    const int cells = scene.extents[level][0] * scene.extents[level][1];
    for (int cell = 0; cell < cells; ++cell) scene.At(level, 9, cell) = kNan;
  }
  EXPECT_THAT(scene.Detect({.score_threshold = 0}), IsEmpty());
}

TEST(RawDecodeTest, SizesThatOverflowAreLeftOut) {
  contract::HeadSpec head = MakeHead(contract::BoxCoding::kCenterSize, 1, 0);
  head.levels.resize(1);
  Scene scene{head, {{1, 1}}, {std::vector<float>(10, 3)}};
  EXPECT_THAT(scene.Detect({}), SizeIs(5));
  scene.At(0, 7, 0) = 100;  // e^100 is no float
  EXPECT_THAT(scene.Detect({}), IsEmpty());
}

TEST(RawDecodeTest, EqualScoresKeepTheOrderOfLabelsAndAnchors) {
  Scene scene = Row(3);
  for (int cell = 0; cell < 3; ++cell) scene.At(0, 0, cell) = scene.At(0, 1, cell) = 1;
  const auto found = scene.Detect({});
  ASSERT_THAT(found, SizeIs(6));
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(found[i].label, i / 3);
    EXPECT_NEAR(found[i].box[0], 46 + 100 * (i % 3), 1e-3);
  }
  const auto best = scene.Detect({.pre_topk = 2});
  ASSERT_THAT(best, SizeIs(4));
  EXPECT_NEAR(best[1].box[0], 146, 1e-3);
  const auto agnostic = scene.Detect({.class_agnostic = true});
  ASSERT_THAT(agnostic, SizeIs(3));  // of equally good classes the first
  EXPECT_EQ(agnostic[2].label, 0);
  const auto single = scene.Detect({.multi_label = false});
  ASSERT_THAT(single, SizeIs(3));
  EXPECT_EQ(single[2].label, 0);
}

}  // namespace
}  // namespace yoloport::tasks::detect::host
