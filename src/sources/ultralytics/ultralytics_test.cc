// What checkpoints of Ultralytics and YOLOv5's repository say beside their network: those of
// testdata/ultralytics, which scripts/make_ultralytics_data.py had the programs save, and what is
// wrong by hand. What the networks compute: parity.ultralytics.
#include "sources/ultralytics/ultralytics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/files/module_files.h"

namespace yoloport::sources::ultralytics {
namespace {

using checkpoint::Checkpoint;
using test_support::DictCode;
using test_support::IntCode;
using test_support::LayerSpec;
using test_support::ListCode;
using test_support::ListSpec;
using test_support::ModuleSpec;
using test_support::NumberCode;
using test_support::TextCode;
using testing::ElementsAre;

std::unique_ptr<ModelSource> Open(const std::string& name) {
  const Checkpoint checkpoint =
      Checkpoint::Open("testdata/ultralytics/" + name + "/checkpoint.pth");
  std::vector<std::string> notes;
  return IsYolov5(*checkpoint.modules()) ? OpenYolov5(checkpoint, notes)
                                         : OpenUltralytics(checkpoint, notes);
}

// Widths and depths of these are 1, which YOLOv5 and YOLOv8 call l.
TEST(UltralyticsTest, FamiliesAreToldByTheirLayers) {
  EXPECT_EQ(Open("yolov5")->Detector(), "YOLOv5l of the YOLOv5 repository");
  EXPECT_EQ(Open("yolov5u")->Detector(), "YOLOv5lu of Ultralytics");
  EXPECT_EQ(Open("yolov8")->Detector(), "YOLOv8l of Ultralytics");
  EXPECT_EQ(Open("yolov9")->Detector(), "YOLOv9 of Ultralytics");
  EXPECT_EQ(Open("yolo11")->Detector(), "YOLO11 of Ultralytics");
  EXPECT_EQ(Open("yolo12")->Detector(), "YOLO12 of Ultralytics");
  EXPECT_EQ(Open("yolo26")->Detector(), "YOLO26 of Ultralytics");
}

TEST(UltralyticsTest, WhatTrainingSaidIsRead) {
  for (const char* name : {"yolov8", "yolov5"}) {
    const auto source = Open(name);
    EXPECT_EQ(source->TestSize(false), (InputSize{96, 96}));
    EXPECT_EQ(source->LargestStride(), 32);
    EXPECT_THAT(source->ClassNames(5), ElementsAre("bolt", "nut", "washer", "gear", "spring"));
    std::vector<std::string> notes;
    EXPECT_TRUE(source->Palette(5, notes).empty());
  }
}

TEST(UltralyticsTest, ImagesArePreparedAsByLetterBox) {
  const Preprocess preprocess = Open("yolov8")->PreprocessFor({64, 96}).preprocess;
  EXPECT_EQ(preprocess.height, 64);
  EXPECT_EQ(preprocess.width, 96);
  EXPECT_EQ(preprocess.resize, ResizeKind::kLetterbox);
  EXPECT_EQ(preprocess.shrink, Interpolation::kBilinear);
  EXPECT_EQ(preprocess.rounding, Rounding::kHalfEven);
  EXPECT_EQ(preprocess.pad_side, PadSide::kCenter);
  EXPECT_EQ(preprocess.pad_value[0], 114);
  EXPECT_TRUE(preprocess.rgb);
  EXPECT_EQ(preprocess.std[0], 255);
  EXPECT_EQ(preprocess.channels, 3);
}

TEST(UltralyticsTest, ABoxStandsForOneClassUnlessTheNetworkGivesOneBoxAnObject) {
  for (const char* name : {"yolov8", "yolov5", "yolov5u"}) {
    EXPECT_FALSE(Open(name)->DefaultSelection().multi_label) << name;
    EXPECT_TRUE(Open(name)->DefaultSelection().suppresses) << name;
  }
  EXPECT_TRUE(Open("yolo26")->DefaultSelection().multi_label);
  EXPECT_FALSE(Open("yolo26")->DefaultSelection().suppresses);
}

TEST(UltralyticsTest, ThresholdsAreThoseOfTheProgram) {
  const auto taken = [](const char* name) {
    ExportOptions options;
    bool multi_label = false;
    const auto notes = Open(name)->TakeThresholds(options, multi_label);
    return std::pair(options, notes);
  };
  const auto [v8, v8_notes] = taken("yolov8");
  EXPECT_EQ(v8.score_threshold, 0.25);
  EXPECT_EQ(v8.iou_threshold, 0.7);
  EXPECT_EQ(v8.keep_topk, 300);
  EXPECT_THAT(v8_notes, ElementsAre("--iou-threshold is 0.7, as of predict()",
                                    "--pre-topk is 30000, as of predict()",
                                    "--keep-topk is 300, as of predict()"));
  const auto [v5, v5_notes] = taken("yolov5");
  EXPECT_EQ(v5.iou_threshold, 0.45);
  EXPECT_EQ(v5.keep_topk, 1000);
  EXPECT_EQ(v5_notes[0], "--iou-threshold is 0.45, as of detect.py");
  EXPECT_EQ(taken("yolo26").first.iou_threshold, ExportOptions().iou_threshold);
}

// A network of one layer with these attributes, and what is saved beside it.
std::string ErrorOf(const std::vector<std::pair<std::string, std::string>>& attributes,
                    const std::vector<std::pair<std::string, std::string>>& more,
                    const std::function<void(const ModelSource&)>& use) {
  const ModuleSpec head =
      LayerSpec({.class_name = "ultralytics.nn.modules.head.Detect",
                 .attributes = {{"stride", ListCode({NumberCode(8)})}, {"nc", IntCode(2)}}},
                IntCode(-1), 0);
  const test_support::TemporaryFile file(
      test_support::TorchModule({.class_name = "ultralytics.nn.tasks.DetectionModel",
                                 .attributes = attributes,
                                 .children = {{"model", ListSpec("Sequential", {head})}}},
                                "model", more));
  const std::string prefix = "'" + file.path().native() + "': ";
  std::string error = test_support::ErrorOf([&] {
    std::vector<std::string> notes;
    use(*OpenUltralytics(Checkpoint::Open(file.path()), notes));
  });
  return error.starts_with(prefix) ? error.substr(prefix.size()) : error;
}

TEST(UltralyticsTest, WhatTheFileSaysIsChecked) {
  const auto names = [](const ModelSource& source) { source.ClassNames(2); };
  EXPECT_EQ(ErrorOf({{"names", DictCode({{"a", TextCode("cat")}})}}, {}, names),
            "'names' has labels other than 0 to 0\n"
            "hint: the file is damaged, or was changed after it was saved");
  EXPECT_EQ(ErrorOf({{"names", ListCode({DictCode({})})}}, {}, names),
            "'names.0' is a dict: expected a text\n"
            "hint: the file is damaged, or was changed after it was saved");
  const auto size = [](const ModelSource& source) { source.TestSize(false); };
  EXPECT_EQ(ErrorOf({}, {{"train_args", DictCode({{"imgsz", IntCode(-1)}})}}, size),
            "'train_args.imgsz' is -1 pixels");
  const auto prepare = [](const ModelSource& source) { source.PreprocessFor({64, 64}); };
  EXPECT_EQ(ErrorOf({{"yaml", DictCode({{"channels", IntCode(4)}})}}, {}, prepare),
            "'yaml.channels' is 4: only images of 3 channels, or of 1, are supported");
  EXPECT_EQ(ErrorOf({}, {{"modelopt", DictCode({})}}, prepare),
            "the model, of the class 'ultralytics.nn.tasks.DetectionModel', was trained for "
            "integers (its file has 'modelopt'), which is not supported");
}

}  // namespace
}  // namespace yoloport::sources::ultralytics
