// Detectors on files that end with raw heads, of a few hundred bytes: the mean of the prepared
// pixels is every channel's value.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <set>
#include <thread>

#include "base/text.h"
#include "contract/model_types.h"
#include "detect/raw_decoder.h"
#include "testing/files/tiny_onnx.h"
#include "yoloport/detector.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::detect {
namespace {

namespace fs = std::filesystem;
using tensor::Tensor;
using test_support::tiny_onnx::Model;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct Map {
  const char* name;
  std::vector<std::int64_t> dims;
};

// Each output is `weight` times the mean of the pixels, everywhere.
Model TinyRaw(const std::vector<Map>& maps, float weight = 1) {
  Model model;
  model.Input("images", test_support::tiny_onnx::kFloat, {1, 3, 64, 64})
      .Node("ReduceMean", {"images"}, "mean",
            Model::Ints("axes", {1, 2, 3}) + Model::Int("keepdims", 1));
  for (const Map& map : maps) {
    std::int64_t count = 1;
    for (const std::int64_t extent : map.dims) count *= extent;
    const std::string weights = std::string(map.name) + "_weights";
    model.Output(map.name, test_support::tiny_onnx::kFloat, map.dims)
        .Constant<float>(weights, test_support::tiny_onnx::kFloat, map.dims,
                         std::vector<float>(static_cast<std::size_t>(count), weight))
        .Node("Mul", {"mean", weights}, map.name);
  }
  return model;
}

// RTMDet's three levels of 64 x 64 pixels, two classes.
const std::vector<Map> kRtmdet = {{"a", {1, 6, 8, 8}}, {"b", {1, 6, 4, 4}}, {"c", {1, 6, 2, 2}}};

Image Grey(std::uint8_t value, int width = 64, int height = 64) {
  Image image(width, height);
  std::fill_n(image.data(), image.stride() * static_cast<std::size_t>(height), value);
  return image;
}

class RawDetectorTest : public testing::Test {
 protected:
  ~RawDetectorTest() override { fs::remove(path_); }

  Detector Open(const Model& model, const DetectorOptions& options = {}) const {
    std::ofstream(path_, std::ios::binary) << model.Serialised();
    return Detector(path_, options);
  }
  std::string ErrorOf(const Model& model, const ModelDescription& description) const {
    try {
      Open(model, {.model = description});
    } catch (const Error& error) {
      const std::string name = base::Quote(path_.native()) + ": ";
      std::string text = error.message();
      if (text.starts_with(name)) text = text.substr(name.size());
      return text + (error.hint().empty() ? "" : "\n" + error.hint());
    }
    return "no error";
  }

  fs::path path_ = fs::path(testing::TempDir()) /
                   (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
                    std::to_string(::getpid()) + ".onnx");
};

// mean 0 and std 255: a grey of 255 makes every value 1 - logits and distances alike.
const ModelDescription kTiny = {.type = "rtmdet",
                                .num_classes = 2,
                                .mean = std::array<float, 3>{0, 0, 0},
                                .std = std::array<float, 3>{255, 255, 255}};

TEST_F(RawDetectorTest, DecodesInPixelsOfTheImage) {
  const Detector detector = Open(TinyRaw(kRtmdet), {.score_threshold = 0.7, .model = kTiny});
  EXPECT_THAT(detector.warnings(), IsEmpty());
  // The input is 64 x 64, the picture twice as wide: stretched, so boxes are twice as wide, too.
  const auto found = detector.Detect(Grey(255, 128, 64).view());
  ASSERT_THAT(found, SizeIs(84));  // no two of a class overlap by more than 0.7
  EXPECT_NEAR(found[0].score, 0.7311, 1e-4);
  EXPECT_EQ(found[0].label, 0);
  EXPECT_EQ(found[83].label, 0);
  EXPECT_THAT(found[9].box, ElementsAre(0, 0, 32, 16));  // cell 1, 1 of stride 8: 8 around it
  EXPECT_THAT(detector.Detect(Grey(0).view()), IsEmpty());
}

TEST_F(RawDetectorTest, TheOrderOfOutputsDoesNotMatter) {
  const Detector forwards = Open(TinyRaw(kRtmdet), {.model = kTiny});
  const auto expected = forwards.Detect(Grey(255).view());
  const Detector backwards = Open(TinyRaw({kRtmdet[2], kRtmdet[0], kRtmdet[1]}), {.model = kTiny});
  const auto found = backwards.Detect(Grey(255).view());
  ASSERT_THAT(found, SizeIs(expected.size()));
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].box, expected[i].box);
}

TEST_F(RawDetectorTest, ChannelsLast) {
  const Detector detector = Open(
      TinyRaw({{"a", {1, 8, 8, 6}}, {"b", {1, 4, 4, 6}}, {"c", {1, 2, 2, 6}}}), {.model = kTiny});
  EXPECT_THAT(detector.Detect(Grey(255).view()), SizeIs(84));
}

TEST_F(RawDetectorTest, AnOutputForEachPart) {
  const Detector detector = Open(TinyRaw({{"cls0", {1, 2, 8, 8}},
                                          {"cls1", {1, 2, 4, 4}},
                                          {"cls2", {1, 2, 2, 2}},
                                          {"box0", {1, 4, 8, 8}},
                                          {"box1", {1, 4, 4, 4}},
                                          {"box2", {1, 4, 2, 2}}}),
                                 {.model = kTiny});
  EXPECT_THAT(detector.Detect(Grey(255).view()), SizeIs(84));
}

TEST_F(RawDetectorTest, PartsThatOnlyTheirOrderTellsApart) {
  ModelDescription four = kTiny;
  four.num_classes = 4;
  const Detector detector =
      Open(TinyRaw({{"cls", {1, 4, 8, 8}}, {"box", {1, 4, 8, 8}}}), {.model = four});
  EXPECT_THAT(detector.warnings(), ElementsAre(HasSubstr("are taken in MMYOLO's order")));
}

TEST_F(RawDetectorTest, ThresholdsAreTheCallers) {
  const auto count = [&](const DetectorOptions& options) {
    return Open(TinyRaw(kRtmdet), options).Detect(Grey(255).view()).size();
  };
  EXPECT_EQ(count({.score_threshold = 0.74, .model = kTiny}), 0U);
  EXPECT_EQ(count({.keep_topk = 7, .model = kTiny}), 7U);
  EXPECT_EQ(count({.pre_topk = 5, .model = kTiny}), 5U);
  EXPECT_EQ(count({.pre_topk = 5, .multi_label = true, .model = kTiny}), 10U);
  EXPECT_LT(count({.iou_threshold = 0.1, .model = kTiny}), 50U);
  EXPECT_THROW(count({.iou_threshold = 1.5, .model = kTiny}), UsageError);
  EXPECT_THROW(count({.keep_topk = 0, .model = kTiny}), UsageError);
}

TEST_F(RawDetectorTest, ACallMayHaveOtherThresholds) {
  const Detector detector = Open(TinyRaw(kRtmdet), {.model = kTiny});
  const Image image = Grey(255);
  const ImageView view = image.view();
  const auto count = [&](const Thresholds& thresholds) {
    return detector.Detect({&view, 1}, thresholds).at(0).size();
  };
  EXPECT_EQ(count({.score_threshold = 0.74}), 0U);
  EXPECT_LT(count({.iou_threshold = 0.1}), 50U);
  EXPECT_EQ(count({.class_agnostic = true}), 84U);  // each place has one best class here
  EXPECT_EQ(count({}), 84U);
}

// easydeploy's demo takes all 80 of COCO, and stretches.
TEST_F(RawDetectorTest, ATypeBringsWhatEasydeploysDemoTakes) {
  const std::vector<Map> maps = {{"a", {1, 84, 8, 8}}, {"b", {1, 84, 4, 4}}, {"c", {1, 84, 2, 2}}};
  const Detector detector = Open(TinyRaw(maps), {.model = {.type = "rtmdet"}});
  ASSERT_THAT(detector.classes(), SizeIs(80));
  EXPECT_EQ(detector.classes()[16], "dog");
  const Preprocess& preprocess = detector.preprocess();
  EXPECT_EQ(preprocess.resize, ResizeKind::kStretch);
  EXPECT_EQ(preprocess.shrink, Interpolation::kBilinear);
  EXPECT_FALSE(preprocess.rgb);
  EXPECT_THAT(preprocess.std, ElementsAre(57.375F, 57.12F, 58.395F));
  const Detector other =
      Open(TinyRaw(maps), {.model = {.type = "yolov6",
                                     .class_names = std::vector<std::string>(80, "thing"),
                                     .rgb = false,
                                     .resize = ResizeKind::kLetterbox}});
  EXPECT_THAT(other.classes(), Each("thing"));
  EXPECT_EQ(other.preprocess().resize, ResizeKind::kLetterbox);
  EXPECT_EQ(other.preprocess().shrink, Interpolation::kArea);
  EXPECT_FALSE(other.preprocess().rgb);
}

TEST_F(RawDetectorTest, ATypeThatDoesNotFitShowsBothShapes) {
  EXPECT_EQ(ErrorOf(TinyRaw(kRtmdet), {.type = "yolov8"}),
            "its outputs are not those of yolov8 with 80 classes: needed are Nx144x8x8, Nx144x4x4, "
            "Nx144x2x2 (80 classes + 4 x 16 bins); the file has 'a' 1x6x8x8, 'b' 1x6x4x4, 'c' "
            "1x6x2x2\nwhich type, classes, anchors and strides it has is said by --type, "
            "--num-classes or --class-names, --anchors and --strides");
  EXPECT_THAT(ErrorOf(TinyRaw(kRtmdet), {.type = "yolov5", .num_classes = 2}),
              HasSubstr("needed are Nx21x8x8, Nx21x4x4, Nx21x2x2 (anchors x (2 classes + 4 + 1)); "
                        "the file has 'a' 1x6x8x8"));
  EXPECT_THAT(ErrorOf(TinyRaw(kRtmdet), {.type = "rtmdet", .num_classes = 2, .strides = {8, 16}}),
              HasSubstr("needed are Nx6x8x8, Nx6x4x4 (2 classes + 4); the file has"));
  EXPECT_THAT(
      ErrorOf(TinyRaw(kRtmdet), {.type = "rtmdet", .num_classes = 2, .strides = {8, 16, 64}}),
      HasSubstr("needed are Nx6x8x8, Nx6x4x4, Nx6x1x1 (2 classes + 4); the file has"));
}

TEST_F(RawDetectorTest, DescriptionsThatMakeNoSense) {
  const Model model = TinyRaw(kRtmdet);
  EXPECT_EQ(ErrorOf(model, {}),
            "ends with raw heads and does not say of which type; its outputs are 'a' 1x6x8x8, 'b' "
            "1x6x4x4, 'c' 1x6x2x2\ngive --type, one of yolov5, yolox, yolov6, ppyoloe, ppyoloep, "
            "yolov7, rtmdet, yolov8");
  EXPECT_EQ(ErrorOf(model, {.type = "yolov9"}),
            "--type: there is no type 'yolov9'\ndid you mean yolov5? the types are yolov5, yolox, "
            "yolov6, ppyoloe, ppyoloep, yolov7, rtmdet, yolov8");
  EXPECT_EQ(ErrorOf(model, {.type = "rtmdet", .num_classes = 3, .class_names = {"a", "b"}}),
            "--num-classes is 3, but there are 2 class names");
  EXPECT_EQ(ErrorOf(model, {.type = "yolov5", .bins = 4}),
            "--bins is about distances to a box's sides, and yolov5 has none\nleave --bins out");
  EXPECT_EQ(ErrorOf(model, {.type = "rtmdet", .num_classes = -1}),
            "--num-classes is -1, which is not between 0 and 65536");
  EXPECT_EQ(ErrorOf(model, {.type = "rtmdet", .height = 320, .width = 320, .num_classes = 2}),
            "takes images of 64x64 only, not of 320x320\nleave --img-size out");
  EXPECT_EQ(ErrorOf(model, {.type = "rtmdet", .std = std::array<float, 3>{1, 0, 1}}),
            "--std must be three positive numbers");
  EXPECT_EQ(ErrorOf(model, {.type = "yolov5", .anchors = {{{1, -1}}}}),
            "--anchors: widths and heights must be positive");
}

contract::ModelCard TinyInfo() {
  contract::ModelCard info;
  info.type = "rtmdet";
  info.end_to_end = false;
  info.classes = {"dark", "bright"};
  info.strides = {{8, 8}, {16, 16}, {32, 32}};
  info.prior_offset = 0;
  info.preprocess.width = info.preprocess.height = 64;
  info.nms.keep_topk = 9;
  return info;
}

TEST_F(RawDetectorTest, MetadataNeedNothingSaid) {
  const Model model = TinyRaw(kRtmdet).Metadata("yoloport", contract::ToJson(TinyInfo()));
  const Detector detector = Open(model);
  EXPECT_THAT(detector.warnings(), IsEmpty());
  EXPECT_THAT(detector.classes(), ElementsAre("dark", "bright"));
  EXPECT_THAT(detector.Detect(Grey(255).view()), SizeIs(9));
  EXPECT_EQ(Open(model, {.keep_topk = 4}).Detect(Grey(255).view()).size(), 4U);
  EXPECT_EQ(ErrorOf(model, {.type = "yolov6"}),
            "is a rtmdet by its metadata, not a yolov6\nleave --type out");
  EXPECT_EQ(ErrorOf(model, {.num_classes = 3}), "has 2 classes by its metadata, not 3");
}

// The network's boxes are 16, 32 and 64 pixels of its input wide, twice as many of the image.
TEST_F(RawDetectorTest, TheLeastSizeCountsPixelsOfTheImage) {
  contract::ModelCard info = TinyInfo();
  const auto widths = [&](double min_box_size) {
    info.nms.min_box_size = min_box_size;
    const Detector detector = Open(TinyRaw(kRtmdet).Metadata("yoloport", contract::ToJson(info)),
                                   {.iou_threshold = 1, .keep_topk = 1000});
    std::set<float> found;
    for (const Detection& each : detector.Detect(Grey(255, 128, 128).view())) {
      const float width = each.box[2] - each.box[0];
      if (each.box[0] > 0 && each.box[2] < 128) found.insert(width);  // not cut off
    }
    return found;
  };
  EXPECT_EQ(widths(-1), (std::set<float>{32, 64}));
  EXPECT_EQ(widths(31), (std::set<float>{32, 64}));
  EXPECT_EQ(widths(32), (std::set<float>{64}));
}

TEST_F(RawDetectorTest, RunsInSeveralThreadsAtOnce) {
  const Detector detector = Open(TinyRaw(kRtmdet, 2), {.model = kTiny});
  std::vector<std::thread> threads;
  for (int t = 1; t <= 4; ++t) {
    threads.emplace_back([&detector, t] {
      const Image image = Grey(static_cast<std::uint8_t>(51 * t));
      for (int i = 0; i < 20; ++i) {
        const auto found = detector.Detect(image.view());
        ASSERT_FALSE(found.empty());
        EXPECT_NEAR(found[0].score, 1 / (1 + std::exp(-0.4 * t)), 1e-5);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

// A file may give other shapes than it declares.
TEST(RawOutputsTest, BelievesNoDeclaredShape) {
  const RawDecoder outputs(contract::RawHeadOfType("rtmdet", 2), 64, 64, "m");
  WrongAnswers none(2);
  const std::vector one_image = {tasks::detect::host::kAnyBox};
  const std::vector<Tensor> wrong = {
      Tensor::Of<float>({1, 6, 8, 7}, std::vector<float>(6 * 8 * 7))};
  EXPECT_THROW(outputs.Read(wrong, {}, one_image, none), ModelError);
  const std::vector<Tensor> flat = {Tensor::Of<float>({1, 384}, std::vector<float>(384))};
  EXPECT_THROW(outputs.Read(flat, {}, one_image, none), ModelError);
  const std::vector<Tensor> one = {Tensor::Of<float>({1, 6, 8, 8}, std::vector<float>(384, 1))};
  EXPECT_THAT(outputs.Read(one, {.keep_topk = 5}, one_image, none)[0], SizeIs(5));
  EXPECT_THROW(outputs.Read(one, {}, std::vector(2, tasks::detect::host::kAnyBox), none),
               ModelError);
  EXPECT_EQ(none.Text("m"), "");
}

}  // namespace
}  // namespace yoloport::detect
