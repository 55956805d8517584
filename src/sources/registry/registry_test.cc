#include "sources/registry/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "sources/layer_list/class_names.h"
#include "testing/files/checkpoint_files.h"
#include "testing/files/module_files.h"
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

TEST(RegistryTest, AYamlOfOddValuesIsNotRead) {
  using test_support::Code;
  // A scale that is a tensor without numbers, of the storage of the layer's one weight.
  const std::string nothing =
      Code(test_support::PickleWriter().Tensor("FloatStorage", "0", 1, 0, {0}, {1}));
  test_support::ModuleSpec head = {"models.yolo.Detect"};
  head.parameters = {{"weight", {1}, {2}}};
  test_support::ModuleSpec network = {"models.yolo.Model"};
  network.attributes = {
      {"yaml", test_support::DictCode({{"depth_multiple", nothing}, {"width_multiple", nothing}})}};
  network.children = {{"model", test_support::ListSpec("Sequential", {head})}};
  const test_support::TemporaryFile file(test_support::TorchModule(network));
  EXPECT_EQ(OriginOf(Checkpoint::Open(file.path())), "YOLOv5 repository: YOLOv5");
}

TEST(RegistryTest, NamesOfClassesMayBeNumbers) {
  const std::string numbers =
      test_support::ListCode({test_support::IntCode(7), test_support::TextCode("eight")});
  const test_support::ModuleSpec network = {"models.yolo.Model", {{"names", numbers}}};
  const test_support::TemporaryFile file(test_support::TorchModule(network));
  const Checkpoint checkpoint = Checkpoint::Open(file.path());
  EXPECT_THAT(layer_list::ClassNamesIn(checkpoint.modules()->root.Get("names")),
              testing::ElementsAre("7", "eight"));
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

// A network of that class, whose list of layers ends with that head.
std::string Network(const std::string& class_name, const std::string& head) {
  const test_support::ModuleSpec last =
      test_support::LayerSpec({.class_name = head}, test_support::IntCode(-1), 1);
  const test_support::ModuleSpec first = test_support::LayerSpec(
      {.class_name = "ultralytics.nn.modules.block.C2f"}, test_support::IntCode(-1), 0);
  return test_support::TorchModule(
      {.class_name = class_name,
       .attributes = {{"yaml", test_support::DictCode({{"scale", test_support::TextCode("n")}})}},
       .children = {{"model", test_support::ListSpec("Sequential", {first, last})}}});
}

class WholeNetworkTest : public testing::Test {
 protected:
  std::string Open(const std::string& contents, ExportOptions options = {}) {
    const test_support::TemporaryFile file(contents, "net.pt");
    options.checkpoint = file.path();
    try {
      OpenSource(options, Checkpoint::Open(file.path()), notes_);
    } catch (const Error& error) {
      const std::string prefix = "'" + file.path().native() + "': ";
      const std::string what = error.what();
      return what.starts_with(prefix) ? what.substr(prefix.size()) : what;
    }
    return "opened";
  }

  std::vector<std::string> notes_;
};

TEST_F(WholeNetworkTest, TheClassOfTheNetworkTellsTheOrigin) {
  const auto of = [](const std::string& contents) {
    return OriginOf(Checkpoint::Open(test_support::TemporaryFile(contents).path()));
  };
  EXPECT_EQ(
      of(Network("ultralytics.nn.tasks.DetectionModel", "ultralytics.nn.modules.head.Detect")),
      "Ultralytics: YOLOv8n");
  EXPECT_EQ(of(Network("models.yolo.DetectionModel", "models.yolo.Detect")),
            "YOLOv5 repository: YOLOv5n");
  EXPECT_EQ(of(Network("models.yolo.DetectionModel", "models.yolo.DualDDetect")), "");
}

TEST_F(WholeNetworkTest, AConfigIsLeftOut) {
  const std::string contents =
      Network("ultralytics.nn.tasks.DetectionModel", "ultralytics.nn.modules.head.Detect");
  EXPECT_EQ(Open(contents), "opened");
  ExportOptions options;
  options.config = "some.py";
  EXPECT_EQ(Open(contents, options),
            "is a YOLOv8n (Ultralytics), whose checkpoints describe their own network\n"
            "hint: leave the config out");
  options = {};
  options.cfg_options = {"a=1"};
  EXPECT_EQ(Open(contents, options),
            "is a YOLOv8n (Ultralytics), whose checkpoints describe their own network\n"
            "hint: leave --cfg-options out");
}

TEST(OriginalRepositoriesTest, TheirCheckpointsTellTheOrigin) {
  const auto of = [](const char* name) {
    return OriginOf(Checkpoint::Open(std::string("testdata/original/") + name + "/checkpoint.pth"));
  };
  EXPECT_EQ(of("yolox_s"), "YOLOX repository: YOLOX of width 0.03125");
  EXPECT_EQ(of("yolov6_n"), "YOLOv6 repository: YOLOv6");
  EXPECT_EQ(of("yolov7_w6"), "YOLOv7 repository: YOLOv7");
  EXPECT_EQ(of("yolov7_tiny_deploy"), "YOLOv7 repository: YOLOv7");
}

TEST(OriginalRepositoriesTest, LegacyIsAboutYoloxAlone) {
  ExportOptions options;
  options.legacy = true;
  std::vector<std::string> notes;
  const auto open = [&](const std::string& path) {
    options.checkpoint = path;
    return OpenSource(options, Checkpoint::Open(path), notes);
  };
  const std::string yolov7 = "testdata/original/yolov7_w6/checkpoint.pth";
  EXPECT_TRUE(
      open("testdata/original/yolox_s/checkpoint.pth")->PreprocessFor({64, 64}).preprocess.rgb);
  try {
    open(yolov7);
    ADD_FAILURE();
  } catch (const UsageError& error) {
    EXPECT_EQ(error.message(), "'" + yolov7 +
                                   "': is not a checkpoint of YOLOX's repository, which --legacy "
                                   "is about");
    EXPECT_EQ(error.hint(), "leave --legacy out");
  }
}

TEST_F(WholeNetworkTest, UnknownNetworksAreRefusedByName) {
  EXPECT_EQ(Open(Network("my.Net", "my.Head")),
            "holds a whole model, of the class 'my.Net', which is not known\n"
            "hint: known are models of Ultralytics, YOLOv6 repository, YOLOv7 repository, YOLOv5 "
            "repository, YOLOX repository; a state_dict of MMYOLO or MMDetection needs its config");
}

TEST_F(WholeNetworkTest, OtherTasksAreRefusedByName) {
  EXPECT_EQ(Open(Network("ultralytics.nn.tasks.SegmentationModel",
                         "ultralytics.nn.modules.head.Segment")),
            "the model, of the class 'ultralytics.nn.tasks.SegmentationModel', is a YOLOv8n of "
            "Ultralytics for instance segmentation (its head is Segment), which is not supported\n"
            "hint: detectors are (task detect)");
  EXPECT_EQ(Open(Network("models.yolo.ClassificationModel", "models.common.Classify")),
            "the model, of the class 'models.yolo.ClassificationModel', is a YOLOv5n of the YOLOv5 "
            "repository for classification (its head is Classify), which is not supported\n"
            "hint: detectors are (task detect)");
}

}  // namespace
}  // namespace yoloport::sources::registry
