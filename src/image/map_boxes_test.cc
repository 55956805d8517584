// How boxes come back from the network's input to the image.
#include <gtest/gtest.h>

#include <array>
#include <vector>

#include "image/letterbox.h"

namespace yoloport::image {
namespace {

TEST(MapBoxesTest, BoxesGoBackByHalfOfAllPadding) {
  Preprocess preprocess;
  preprocess.height = preprocess.width = 64;
  std::vector<Detection> detections = {{0, 0.5F, {10, 10, 20, 20}}};
  Letterbox letterbox = PlanLetterbox({64, 41}, preprocess);  // 23 rows of padding
  MapBoxesBack(letterbox, detections);
  EXPECT_EQ(detections[0].box, (std::array<float, 4>{10, 0, 20, 9}));
  preprocess.half_padding = true;
  detections = {{0, 0.5F, {10, 10, 20, 20}}};
  letterbox = PlanLetterbox({64, 41}, preprocess);
  EXPECT_EQ(letterbox.top, 11);
  MapBoxesBack(letterbox, detections);
  EXPECT_EQ(detections[0].box, (std::array<float, 4>{10, 0, 20, 8.5F}));
}

// scale_coords() of YOLOv5's repository: a ratio of 64 / 101, and of the rows (64 - 50 * 64 / 101)
// / 2 above.
TEST(MapBoxesTest, BoxesGoBackByUnroundedExtents) {
  Preprocess preprocess;
  preprocess.height = preprocess.width = 64;
  preprocess.rounding = Rounding::kHalfEven;
  preprocess.half_padding = preprocess.one_scale = true;
  std::vector<Detection> detections = {{0, 0.5F, {32, 20, 48, 40}}};
  const Letterbox letterbox = PlanLetterbox({101, 50}, preprocess);
  EXPECT_EQ(letterbox.content, (Extent{64, 32}));
  EXPECT_EQ(letterbox.top, 16);
  MapBoxesBack(letterbox, detections);
  const std::array<float, 4> expected = {50.5F, 6.0625F, 75.75F, 37.625F};
  for (std::size_t i = 0; i < 4; ++i) EXPECT_FLOAT_EQ(detections[0].box[i], expected[i]);
}

TEST(MapBoxesTest, BoxesGoBackIntoTheImage) {
  const Preprocess preprocess;  // 640x640
  const Letterbox letterbox = PlanLetterbox({1280, 960}, preprocess);
  EXPECT_EQ(letterbox.content, (Extent{640, 480}));
  EXPECT_EQ(letterbox.top, 80);
  std::vector<Detection> detections = {{0, 0.5F, {10, 90, 20, 100}}, {0, 0.5F, {-5, 0, 700, 640}}};
  MapBoxesBack(letterbox, detections);
  EXPECT_EQ(detections[0].box, (std::array<float, 4>{20, 20, 40, 40}));
  EXPECT_EQ(detections[1].box, (std::array<float, 4>{0, 0, 1280, 960}));
}

}  // namespace
}  // namespace yoloport::image
