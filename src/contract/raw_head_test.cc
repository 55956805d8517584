#include "contract/raw_head.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "contract/model_types.h"
#include "testing/error_of.h"
#include "yoloport/error.h"

namespace yoloport::contract {
namespace {

using testing::HasSubstr;
using Shapes = std::vector<std::vector<std::int64_t>>;

// Of a network whose input is 128 wide and 64 high.
RawHeadFit Fit(const RawHeadInfo& head, const Shapes& shapes) {
  std::vector<RawOutput> outputs;
  for (const auto& shape : shapes) {
    outputs.push_back({"o" + std::to_string(outputs.size()), shape});
  }
  return FitRawHead(head, 64, 128, outputs, "m");
}

std::string ErrorOf(const RawHeadInfo& head, const Shapes& shapes) {
  return test_support::MessageOf<ModelError>([&] { Fit(head, shapes); });
}

struct Place {
  std::size_t output;
  std::int64_t first_channel, anchor_step;
  bool operator==(const Place&) const = default;
};
Place PlaceOf(const RawPart& part) { return {part.output, part.first_channel, part.anchor_step}; }

const RawHeadInfo kRtmdet = RawHeadOfType("rtmdet", 3);
const RawHeadInfo kYolox = RawHeadOfType("yolox", 3);
const RawHeadInfo kYolov5 = RawHeadOfType("yolov5", 3);

TEST(RawHeadTest, OneOutputALevel) {
  const RawHeadFit fit = Fit(kYolox, {{1, 8, 8, 16}, {1, 8, 2, 4}, {1, 8, 4, 8}});
  ASSERT_EQ(fit.levels.size(), 3U);
  EXPECT_FALSE(fit.channels_last);
  EXPECT_EQ(fit.head.levels[1].stride, (std::array<double, 2>{16, 16}));
  EXPECT_EQ(fit.levels[1].height, 4);
  EXPECT_EQ(fit.levels[1].width, 8);
  EXPECT_EQ(PlaceOf(fit.levels[1].classes), (Place{2, 0, 8}));
  EXPECT_EQ(PlaceOf(fit.levels[1].boxes), (Place{2, 3, 8}));
  EXPECT_EQ(PlaceOf(*fit.levels[1].objectness), (Place{2, 7, 8}));
  EXPECT_FALSE(fit.parts_by_order || fit.levels_by_order);
}

TEST(RawHeadTest, AnchorsHaveBoxesFirst) {
  const RawHeadFit fit = Fit(kYolov5, {{1, 24, 8, 16}, {1, 24, 4, 8}, {1, 24, 2, 4}});
  EXPECT_EQ(PlaceOf(fit.levels[0].boxes), (Place{0, 0, 8}));
  EXPECT_EQ(PlaceOf(*fit.levels[0].objectness), (Place{0, 4, 8}));
  EXPECT_EQ(PlaceOf(fit.levels[0].classes), (Place{0, 5, 8}));
  EXPECT_EQ(fit.head.levels[2].anchors[0], (AnchorSize{116, 90}));
}

// MMYOLO's modules give lists of classes, boxes and objectness.
TEST(RawHeadTest, OneOutputAPart) {
  const RawHeadFit fit = Fit(kYolov5, {{1, 9, 8, 16},
                                       {1, 9, 4, 8},
                                       {1, 9, 2, 4},
                                       {1, 12, 8, 16},
                                       {1, 12, 4, 8},
                                       {1, 12, 2, 4},
                                       {1, 3, 8, 16},
                                       {1, 3, 4, 8},
                                       {1, 3, 2, 4}});
  ASSERT_EQ(fit.levels.size(), 3U);
  EXPECT_EQ(PlaceOf(fit.levels[1].classes), (Place{1, 0, 3}));
  EXPECT_EQ(PlaceOf(fit.levels[1].boxes), (Place{4, 0, 4}));
  EXPECT_EQ(PlaceOf(*fit.levels[1].objectness), (Place{7, 0, 1}));
  EXPECT_FALSE(fit.parts_by_order);
  const RawHeadFit last = Fit(kRtmdet, {{1, 8, 16, 3}, {1, 8, 16, 4}, {1, 4, 8, 4}, {1, 4, 8, 3}});
  EXPECT_TRUE(last.channels_last);
  EXPECT_EQ(PlaceOf(last.levels[1].classes), (Place{3, 0, 3}));
  EXPECT_EQ(PlaceOf(last.levels[1].boxes), (Place{2, 0, 4}));
}

TEST(RawHeadTest, PartsOfAsManyChannelsComeInMmyolosOrder) {
  const RawHeadFit fit = Fit(RawHeadOfType("rtmdet", 4), {{1, 4, 8, 16}, {1, 4, 8, 16}});
  EXPECT_TRUE(fit.parts_by_order);
  EXPECT_EQ(fit.levels[0].classes.output, 0U);
  EXPECT_EQ(fit.levels[0].boxes.output, 1U);
}

TEST(RawHeadTest, LevelsOfUnknownSizeComeFinestFirst) {
  const RawHeadFit fit = Fit(kRtmdet, {{-1, 3, -1, -1},
                                       {-1, 3, -1, -1},
                                       {-1, 3, -1, -1},
                                       {-1, 4, -1, -1},
                                       {-1, 4, -1, -1},
                                       {-1, 4, -1, -1}});
  EXPECT_TRUE(fit.levels_by_order);
  EXPECT_EQ(fit.levels[1].classes.output, 1U);
  EXPECT_EQ(fit.levels[1].boxes.output, 4U);
  EXPECT_EQ(fit.head.levels[2].stride[0], 32);
  // Then nothing tells boxes of a level from classes of the next.
  EXPECT_NE(ErrorOf(RawHeadOfType("rtmdet", 4), {{-1, 4, -1, -1}, {-1, 4, -1, -1}}), "no error");
}

TEST(RawHeadTest, StridesAreWhatIsSaidElseWhatTheSizesSay) {
  EXPECT_EQ(Fit(kRtmdet, {{1, 7, 16, 32}, {1, 7, 4, 8}}).head.levels[1].stride,
            (std::array<double, 2>{16, 16}));
  RawHeadInfo head = kRtmdet;
  head.strides = {{4, 8}};
  EXPECT_EQ(Fit(head, {{1, 7, 8, 32}}).head.levels[0].stride, (std::array<double, 2>{4, 8}));
  EXPECT_THAT(ErrorOf(head, {{1, 7, 8, 16}}), HasSubstr("needed are Nx7x8x32 (3 classes + 4); the "
                                                        "file has 'o0' 1x7x8x16"));
}

TEST(RawHeadTest, TellsWhatIsNeededAndWhatThereIs) {
  EXPECT_THAT(ErrorOf(kYolox, {{1, 7, 8, 16}}),
              HasSubstr("not those of yolox with 3 classes: needed are Nx8x8x16 (3 classes + 4 + "
                        "1); the file has 'o0' 1x7x8x16"));
  EXPECT_THAT(ErrorOf(kYolov5, {{1, 24, 8, 16}, {1, 24, 4, 8}}), HasSubstr("anchors x (3 classes"));
  // One part too many, and one that two levels would share.
  EXPECT_NE(ErrorOf(kRtmdet, {{1, 3, 8, 16}, {1, 4, 8, 16}, {1, 4, 8, 16}}), "no error");
  EXPECT_NE(ErrorOf(kRtmdet, {}), "no error");
  const std::int64_t large = std::int64_t{1} << 62;
  EXPECT_NE(ErrorOf(kRtmdet, {{1, 7, large, large}, {1, large, large, 7}}), "no error");
  EXPECT_EQ(ErrorOf(kRtmdet, Shapes(49, {1, 7, 8, 16})),
            "'m': has 49 outputs; the heads of a detector are 48 at most");
}

}  // namespace
}  // namespace yoloport::contract
