#include "sources/mmdet/thresholds.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/mmdet/test_configs.h"

namespace yoloport::sources::mmdet {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

struct Applied {
  ExportOptions options;
  bool multi_label = false;
  std::vector<std::string> notes;
};

Applied Apply(const config::Config& config) {
  Applied applied;
  applied.notes = ApplyTestCfg(config.root()["model"], applied.options, applied.multi_label);
  return applied;
}

TEST(MmdetThresholdsTest, Rtmdet) {
  const Applied applied = Apply(Rtmdet());
  EXPECT_EQ(applied.options.score_threshold, 0.001);
  EXPECT_EQ(applied.options.iou_threshold, 0.65);
  EXPECT_EQ(applied.options.pre_topk, 90000);  // of each of three levels 30000
  EXPECT_EQ(applied.options.keep_topk, 300);
  EXPECT_EQ(applied.options.min_box_size, 0);
  EXPECT_TRUE(applied.multi_label);
  EXPECT_THAT(applied.notes, Not(Contains(HasSubstr("nms_pre"))));
}

TEST(MmdetThresholdsTest, FewPairsALevelAreNoted) {
  EXPECT_THAT(Apply(Rtmdet({"model.test_cfg.nms_pre=1000"})).notes,
              Contains(AllOf(HasSubstr("the best 1000 pairs of position and class of each level"),
                             HasSubstr("the best 3000 positions of the image"))));
}

// Every position as its best class, and all that NMS leaves.
TEST(MmdetThresholdsTest, Yolox) {
  const Applied applied = Apply(Yolox());
  EXPECT_EQ(applied.options.score_threshold, 0.01);
  EXPECT_EQ(applied.options.keep_topk, 1000);
  EXPECT_LT(applied.options.min_box_size, 0);
  EXPECT_FALSE(applied.multi_label);
  EXPECT_THAT(applied.notes,
              Contains("MMDetection's YOLOXHead keeps all detections of an image, the file the "
                       "best 1000"));
}

TEST(MmdetThresholdsTest, YoloxReadsNoOtherKeys) {
  const Applied applied =
      Apply(Yolox({"model.test_cfg.max_per_img=50", "model.test_cfg.min_bbox_size=8"}));
  EXPECT_EQ(applied.options.keep_topk, 50);
  EXPECT_LT(applied.options.min_box_size, 0);
  EXPECT_THAT(applied.notes, Contains(HasSubstr("the file the best 50")));
  EXPECT_THAT(applied.notes,
              Contains(HasSubstr("has no key 'min_bbox_size' and it changes nothing")));
}

TEST(MmdetThresholdsTest, NmsIsReadAsMmcvDoes) {
  EXPECT_TRUE(Apply(Rtmdet({"model.test_cfg.nms.class_agnostic=True"})).options.class_agnostic);
  EXPECT_EQ(ErrorOf([] { Apply(Rtmdet({"model.test_cfg.nms.type=soft_nms"})); }),
            "'model.test_cfg.nms.type': only plain NMS is supported, not 'soft_nms'");
}

}  // namespace
}  // namespace yoloport::sources::mmdet
