#include "sources/registry/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "testing/files/checkpoint_files.h"
#include "yoloport/error.h"

namespace yoloport::sources::registry {
namespace {

using checkpoint::Checkpoint;
using testing::Contains;
using testing::HasSubstr;

// The model of a config.
config::Config Model(const std::string& text) {
  return config::Config::FromText("model = dict(" + text + ")", "t.py");
}

TEST(RegistryTest, TheDetectorTellsTheOrigin) {
  EXPECT_EQ(OriginOf(Model("type='YOLODetector'")), "MMYOLO: YOLODetector");
  EXPECT_EQ(OriginOf(Model("type='mmdet.YOLOX'")), "MMDetection: YOLOX");
  EXPECT_EQ(OriginOf(Model("type='mmdet.models.detectors.RTMDet'")), "MMDetection: RTMDet");
  EXPECT_EQ(OriginOf(Model("type='FasterRCNN'")), "MMDetection: FasterRCNN");
  EXPECT_EQ(OriginOf(Model("type='ByteTrack', tracker=dict(), detector=dict(type='YOLOX')")),
            "MMDetection: YOLOX");
  EXPECT_EQ(OriginOf(Model("type='DetTTAModel', module=dict(type='RTMDet')")),
            "MMDetection: RTMDet");
  EXPECT_EQ(OriginOf(Model("type='MyDetector'")), "");
  EXPECT_EQ(OriginOf(Model("x=1")), "");
  EXPECT_EQ(OriginOf(config::Config::FromText("lr = 0.1", "t.py")), "");
}

TEST(RegistryTest, ACheckpointTellsTheOriginByItsConfigOrItsKeys) {
  const auto of_file = [](const char* path) { return OriginOf(Checkpoint::Open(path)); };
  EXPECT_EQ(of_file("testdata/mmdet/yolox_s/checkpoint.pth"), "MMDetection: YOLOX");
  EXPECT_EQ(of_file("testdata/parity/yolov5_n/checkpoint.pth"), "MMYOLO: YOLODetector");
  const auto of_key = [](const std::string& key) {
    test_support::PickleWriter writer;
    writer.Raw("}(").Text(key).Tensor("FloatStorage", "0", 1, 0, {1}, {1});
    const test_support::TemporaryFile file(
        test_support::TorchZip(writer.Raw("u").Done(), {{"0", test_support::FloatBytes({1})}}));
    return OriginOf(Checkpoint::Open(file.path()));
  };
  EXPECT_EQ(of_key("bbox_head.head_module.rtm_cls.0.weight"), "MMYOLO");
  EXPECT_EQ(of_key("detector.bbox_head.multi_level_conv_cls.0.weight"), "MMDetection");
  EXPECT_EQ(of_key("bbox_head.rtm_cls.0.weight"), "MMDetection");
  EXPECT_EQ(of_key("model.24.m.0.weight"), "");
}

class RegistryOpenTest : public testing::Test {
 protected:
  // What opening a config of that model ends with.
  std::string Open(const std::string& model) {
    const test_support::TemporaryFile config("model = dict(" + model + ")\n", "opened.py");
    const test_support::TemporaryFile file(
        test_support::TorchZip(test_support::SmallPickle(), test_support::SmallData()), "none.pth");
    ExportOptions options;
    options.config = config.path();
    options.checkpoint = file.path();
    try {
      source_ = OpenSource(options, Checkpoint::Open(file.path()), notes_);
    } catch (const ConfigError& error) {
      return error.message();
    }
    return "opened";
  }

  std::unique_ptr<ModelSource> source_;
  std::vector<std::string> notes_;
};

TEST_F(RegistryOpenTest, TheDetectorOfATrackerIsFound) {
  EXPECT_EQ(Open("type='ByteTrack', tracker=dict(type='ByteTracker'), detector=dict(type='YOLOX', "
                 "data_preprocessor=dict(type='DetDataPreprocessor', mean=[1, 1, 1], std=[2, 2, "
                 "2]), bbox_head=dict(type='YOLOXHead', strides=(8, 16))), "
                 "data_preprocessor=dict(type='TrackDataPreprocessor', pad_size_divisor=32)"),
            "opened");
  EXPECT_THAT(notes_, Contains(HasSubstr("of ByteTrack the detector in it, model.detector")));
  EXPECT_EQ(source_->LargestStride(), 16);
  // The tracker prepares images, not the detector in it.
  const Preprocess preprocess = source_->PreprocessFor({640, 640}).preprocess;
  EXPECT_EQ(preprocess.mean[0], 0);
  EXPECT_EQ(preprocess.std[0], 1);
}

TEST_F(RegistryOpenTest, OtherDetectorsAreRefusedByTheirNames) {
  EXPECT_THAT(Open("type='mmdet.FasterRCNN', rpn_head=dict()"),
              HasSubstr("'model.type': MMDetection's FasterRCNN is not supported"));
  EXPECT_THAT(Open("type='QDTrack', detector=dict(type='FasterRCNN')"),
              HasSubstr("'model.detector.type': MMDetection's FasterRCNN is not supported"));
  EXPECT_THAT(Open("type='MyDetector'"), HasSubstr("'model.type': unknown detector 'MyDetector'"));
  EXPECT_THAT(Open("type='YOLOX', input_size=(640, 640)"),
              HasSubstr("'model.input_size': is a key of MMDetection 2, whose configs are not "
                        "read"));
}

}  // namespace
}  // namespace yoloport::sources::registry
