#include "pipeline/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "yoloport/error.h"

namespace yoloport {
namespace {

using testing::ElementsAre;

// The recipe of a config whose test pipeline is `pipeline` (Python), exported at 640 x 640.
RecipeReport RecipeOf(const std::string& pipeline) {
  const Config config = Config::FromText("model = dict()\ntest_pipeline = " + pipeline, "c.py");
  return ReadRecipe(config.root(), config.root()["model"], 640, 640);
}

std::string LetterResize(const std::string& arguments) {
  return "[dict(type='LetterResize', scale=(640, 640)" + arguments + ")]";
}

TEST(RecipeTest, PadValueIsSpreadAsMmyoloDoes) {
  const auto pad = [](const std::string& value) {
    return RecipeOf(LetterResize(", pad_val=" + value)).recipe.pad_value;
  };
  EXPECT_THAT(pad("dict(img=114)"), ElementsAre(114, 114, 114));
  EXPECT_THAT(pad("dict(img=(1, 2, 3))"), ElementsAre(1, 2, 3));
  EXPECT_THAT(pad("dict(seg=255)"), ElementsAre(0, 0, 0));
  // A float is not spread: OpenCV takes it as the scalar (114, 0, 0).
  EXPECT_THAT(pad("dict(img=114.0)"), ElementsAre(114, 0, 0));
}

TEST(RecipeTest, PadValueOfTwoChannelsIsRefused) {
  try {
    RecipeOf(LetterResize(", pad_val=dict(img=(1, 2))"));
    FAIL() << "accepted";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "c.py:2:79: 'test_pipeline[0].pad_val.img': needs one number or three\n"
                 "...LetterResize', scale=(640, 640), pad_val=dict(img=(1, 2)))]\n"
                 "                                                     ^");
  }
}

TEST(RecipeTest, UnknownTransformIsRefused) {
  EXPECT_THROW(RecipeOf("[dict(type='Rotate90')]"), ConfigError);
}

TEST(RecipeTest, StretchingPipelineKeepsNoRatio) {
  const auto report = RecipeOf(
      "[dict(type='mmdet.FixShapeResize', width=640, height=640, keep_ratio=False, "
      "interpolation='bicubic')]");
  EXPECT_EQ(report.recipe.resize, ResizeKind::kStretch);
  EXPECT_EQ(report.recipe.enlarge, Interpolation::kBicubic);
}

}  // namespace
}  // namespace yoloport
