// Thresholds of one call, and the second detector of a file, on testdata/detect: an image's scores
// are its mean gray level and a quarter of that.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "yoloport/detector.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::detect {
namespace {

using testing::HasSubstr;

constexpr const char* kModel = "testdata/detect/brightness.onnx";

Image Bright() {
  Image image(32, 32);
  std::fill_n(image.data(), image.stride() * 32, std::uint8_t{204});  // scores of 0.8 and 0.2
  return image;
}

std::string ErrorOf(const std::function<void()>& action) {
  try {
    action();
  } catch (const UsageError& error) {
    return error.message();
  }
  return "no error";
}

TEST(CallThresholdsTest, StandInForThoseOfTheOptions) {
  const Detector detector(kModel, {.score_threshold = 0.3});
  const Image image = Bright();
  const ImageView view = image.view();
  const auto count = [&](const Thresholds& thresholds) {
    return detector.Detect({&view, 1}, thresholds).at(0).size();
  };
  EXPECT_EQ(count({}), 1);
  EXPECT_EQ(count({.score_threshold = 0.1}), 2);
  EXPECT_EQ(count({.score_threshold = 0.9}), 0);
  EXPECT_EQ(count({}), 1);
}

TEST(CallThresholdsTest, AreRefusedAsThoseOfTheOptionsAre) {
  const Detector detector(kModel);
  const auto error_of = [&](const Thresholds& thresholds) {
    return ErrorOf([&] { detector.CheckThresholds(thresholds); });
  };
  const std::string file = "'" + std::string(kModel) + "': ";
  EXPECT_EQ(error_of({.score_threshold = 0.1}), "no error");
  EXPECT_EQ(error_of({.iou_threshold = 0.5}), file + "the IoU threshold is fixed in this file");
  EXPECT_EQ(error_of({.class_agnostic = true}),
            file + "the suppression across classes is fixed in this file");
  EXPECT_EQ(error_of({.score_threshold = 1.5}), "the score threshold must be from 0 to 1");
  EXPECT_EQ(error_of({.iou_threshold = NAN}), "the IoU threshold must be from 0 to 1");
  EXPECT_EQ(ErrorOf([&] { detector.Detect({}, {.iou_threshold = 0.5}); }),
            file + "the IoU threshold is fixed in this file");
}

TEST(ForThroughputTest, CountsWhatIsLeftOutTogether) {
  const Detector detector("testdata/detect/wrong_answers.onnx", {.threads = 2});
  const Detector many = detector.ForThroughput();
  EXPECT_EQ(detector.streams(), 1);
  EXPECT_EQ(many.streams(), 2);
  EXPECT_EQ(detector.left_out(), "");
  many.Detect(Bright().view());
  EXPECT_THAT(detector.left_out(), HasSubstr("gave 4 scores"));
  detector.Detect(Bright().view());
  EXPECT_THAT(many.left_out(), HasSubstr("gave 8 scores"));
}

}  // namespace
}  // namespace yoloport::detect
