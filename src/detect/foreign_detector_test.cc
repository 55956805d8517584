// Files as other programs export them, run for real: each number of a row is a constant times the
// mean of the input's first channel, so that detections tell how the picture was prepared.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

#include "base/text.h"
#include "testing/contents.h"
#include "testing/files/tiny_onnx.h"
#include "testing/temporary_folder.h"
#include "yoloport/detector.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::detect {
namespace {

using test_support::tiny_onnx::kFloat;
using test_support::tiny_onnx::kInt64;
using test_support::tiny_onnx::Model;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::int64_t kCells = 84;  // of 64 x 64 pixels, at strides 8, 16 and 32

// Rows that are all zeros but the given ones.
std::vector<float> Rows(std::int64_t count, std::int64_t numbers,
                        const std::vector<std::vector<float>>& first) {
  std::vector<float> rows;
  for (const auto& row : first) rows.insert(rows.end(), row.begin(), row.end());
  rows.resize(static_cast<std::size_t>(count * numbers), 0);
  return rows;
}

std::vector<float> Turned(const std::vector<float>& rows, std::int64_t numbers) {
  const auto count = static_cast<std::int64_t>(rows.size()) / numbers;
  std::vector<float> turned(rows.size());
  for (std::int64_t i = 0; i < count * numbers; ++i) {
    turned[static_cast<std::size_t>(i % numbers * count + i / numbers)] =
        rows[static_cast<std::size_t>(i)];
  }
  return turned;
}

// Gives 1 x a x b numbers, whatever the batch. `side` -1: takes any size.
Model TinyRows(const std::string& output, std::int64_t a, std::int64_t b,
               const std::vector<float>& values, std::int64_t side = 64) {
  const std::int64_t batch = side < 0 ? -1 : 1;
  Model model;
  model.Input("images", kFloat, {batch, 3, side, side})
      .Output(output, kFloat, {batch, a, b})
      .Constant<std::int64_t>("zero", kInt64, {1}, {0})
      .Constant<float>("values", kFloat, {1, a, b}, values)
      .Node("Gather", {"images", "zero"}, "first", Model::Int("axis", 1))
      .Node("ReduceMean", {"first"}, "mean",
            Model::Ints("axes", {1, 2, 3}) + Model::Int("keepdims", 0))
      .Node("Unsqueeze", {"mean"}, "mean3", Model::Ints("axes", {1, 2}))
      .Node("Mul", {"mean3", "values"}, output);
  return model;
}

Model UltralyticsKeys(Model model, const std::string& task = "detect",
                      const std::string& args = "{'nms': False}") {
  return model.Metadata("author", "Ultralytics")
      .Metadata("task", task)
      .Metadata("stride", "32")
      .Metadata("imgsz", "[64, 64]")
      .Metadata("names", "{0: 'cat', 1: 'dog'}")
      .Metadata("end2end", "False")
      .Metadata("args", args);
}

// Two boxes of class 1 that overlap by 0.8, and one of class 0; in pixels of the input.
const std::vector<std::vector<float>> kThree = {
    {32, 32, 20, 20, 0, 0.5F}, {32, 32, 20, 25, 0.125F, 0.75F}, {10, 40, 8, 8, 0.625F, 0}};

Image Uniform(std::uint8_t blue, std::uint8_t red, int width = 64, int height = 64) {
  Image image(width, height);
  for (int i = 0; i < width * height; ++i) {
    image.data()[3 * i] = blue;
    image.data()[3 * i + 2] = red;
  }
  return image;
}
const Image kRed = Uniform(0, 255);

class ForeignDetectorTest : public test_support::TemporaryFolder {
 protected:
  Detector Open(const Model& model, const DetectorOptions& options = {}) const {
    std::ofstream(path_, std::ios::binary) << model.Serialised();
    return Detector(path_, options);
  }
  std::string ErrorOf(const Model& model, const DetectorOptions& options = {}) const {
    try {
      Open(model, options);
    } catch (const Error& error) {
      const std::string name = base::Quote(path_.native()) + ": ";
      return error.message().starts_with(name) ? error.message().substr(name.size())
                                               : error.message();
    }
    return "no error";
  }

  std::filesystem::path path_ = folder_ / "m.onnx";
};

// What the tool's tests run. To write it anew, run this test with YOLOPORT_WRITE_TESTDATA set.
TEST(TestdataTest, ForeignIsATinyUltralytics) {
  const Model tiny = TinyRows("output0", 6, kCells, Turned(Rows(kCells, 6, kThree), 6));
  const std::string model = UltralyticsKeys(tiny).Serialised();
  const char* path = "testdata/detect/foreign.onnx";
  if (std::getenv("YOLOPORT_WRITE_TESTDATA") != nullptr) {
    std::ofstream(path, std::ios::binary) << model;
  }
  EXPECT_EQ(test_support::Contents(path), model);
}

TEST_F(ForeignDetectorTest, Ultralytics) {
  const Model model =
      UltralyticsKeys(TinyRows("output0", 6, kCells, Turned(Rows(kCells, 6, kThree), 6)));
  const Detector detector = Open(model);
  EXPECT_THAT(detector.warnings(), IsEmpty());
  EXPECT_THAT(detector.notes(), ElementsAre(HasSubstr("is taken for Ultralytics' detector")));
  EXPECT_THAT(detector.classes(), ElementsAre("cat", "dog"));
  const auto found = detector.Detect(kRed.view());  // red comes first, as 1
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].label, 1);
  EXPECT_NEAR(found[0].score, 0.75, 1e-5);
  EXPECT_THAT(found[0].box, ElementsAre(22, 19.5F, 42, 44.5F));
  EXPECT_EQ(found[1].label, 0);
  EXPECT_THAT(detector.Detect(Uniform(255, 0).view()), IsEmpty());
  const auto count = [&](const DetectorOptions& options) {
    return Open(model, options).Detect(kRed.view()).size();
  };
  EXPECT_EQ(count({.iou_threshold = 0.9}), 3U);
  EXPECT_EQ(count({.score_threshold = 0.7}), 1U);
  EXPECT_EQ(count({.keep_topk = 1}), 1U);
  EXPECT_EQ(count({.score_threshold = 0.1, .multi_label = true}), 3U);
}

// 32 x 16 pixels in 64 x 64: twice as large, 16 rows of 114 above and below.
TEST_F(ForeignDetectorTest, UltralyticsLetterboxes) {
  const Detector detector =
      Open(UltralyticsKeys(TinyRows("output0", 6, kCells, Turned(Rows(kCells, 6, kThree), 6))));
  const auto found = detector.Detect(Uniform(0, 255, 32, 16).view());
  const float mean = (1 + 114.0F / 255) / 2;
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_NEAR(found[0].score, 0.75F * mean, 1e-5);
  EXPECT_NEAR(found[0].box[0], 22 * mean / 2, 1e-4);
  EXPECT_NEAR(found[0].box[1], std::max(0.0F, (19.5F * mean - 16) / 2), 1e-4);
  EXPECT_NEAR(found[0].box[3], (44.5F * mean - 16) / 2, 1e-4);
}

TEST_F(ForeignDetectorTest, UltralyticsOfAnySize) {
  const Model model =
      UltralyticsKeys(TinyRows("output0", 6, kCells, Turned(Rows(kCells, 6, kThree), 6), -1));
  const Detector detector = Open(model, {.batch = 2});
  EXPECT_EQ(detector.preprocess().height, 64);
  const std::vector<ImageView> images = {kRed.view(), kRed.view(), kRed.view()};
  const auto found = detector.Detect(images);
  ASSERT_THAT(found, SizeIs(3));
  for (const auto& each : found) EXPECT_THAT(each, SizeIs(2));
  const Detector tight = Open(model, {.rect = true});
  const auto in_rect = tight.Detect(Uniform(0, 255, 64, 32).view());  // nothing is padded
  ASSERT_THAT(in_rect, SizeIs(2));
  EXPECT_NEAR(in_rect[0].score, 0.75, 1e-5);
}

TEST_F(ForeignDetectorTest, UltralyticsWithNms) {
  const std::vector<std::vector<float>> rows = {{1, 2, 30, 40, 0.75F, 1}, {3, 4, 5, 6, 0.5F, 0}};
  const Model model =
      UltralyticsKeys(TinyRows("output0", 300, 6, Rows(300, 6, rows)), "detect", "{'nms': True}");
  const Detector detector = Open(model, {.score_threshold = 0.25});
  EXPECT_THAT(detector.warnings(), IsEmpty());
  EXPECT_EQ(detector.lowest_score(), 0);
  const auto found = detector.Detect(kRed.view());
  ASSERT_THAT(found, SizeIs(2));  // the rest is padding
  EXPECT_THAT(found[0].box, ElementsAre(1, 2, 30, 40));
  EXPECT_EQ(found[0].label, 1);
  EXPECT_EQ(ErrorOf(model, {.iou_threshold = 0.5}), "the IoU threshold is fixed in this file");
}

TEST_F(ForeignDetectorTest, OtherTasksAndOptionsAreRefused) {
  const Model model = TinyRows("output0", 6, kCells, Rows(6, kCells, {}));
  EXPECT_EQ(ErrorOf(UltralyticsKeys(model, "pose")),
            "is an Ultralytics model for pose estimation (task pose), not a detector");
  EXPECT_EQ(ErrorOf(UltralyticsKeys(model), {.model = {.decoded = true}}),
            "is not a file of YOLOX's own exporter, the only one that --boxes is about");
  EXPECT_EQ(ErrorOf(UltralyticsKeys(model), {.model = {.type = "yolov5"}}),
            "is a yolov8 by its metadata, not a yolov5");
  EXPECT_EQ(ErrorOf(UltralyticsKeys(model), {.model = {.class_names = {"a"}}}),
            "has 2 classes by its output 1x6x84, not 1");
  EXPECT_THAT(ErrorOf(model), HasSubstr("does not say what its output 1x6x84 is; it may be"));
  EXPECT_EQ(ErrorOf(TinyRows("output0", 7, kCells, Rows(7, kCells, {}))
                        .Metadata("author", "Ultralytics")
                        .Metadata("names", "{0: __import__('os')}")),
            "metadata: names: byte 4: expected a Python literal, not '__import__(\\'os\\')}'");
}

// Scores are two factors, and none is from 0 to 1 where the picture is not.
TEST_F(ForeignDetectorTest, Yolov5) {
  const std::vector<std::vector<float>> rows = {{32, 32, 20, 20, 0.75F, 0.5F, 1},
                                                {10, 40, 8, 8, 0.5F, 0.25F, 0}};
  const Model model = TinyRows("output0", 3 * kCells, 7, Rows(3 * kCells, 7, rows))
                          .Metadata("stride", "32")
                          .Metadata("names", "['cat', 'dog']");
  const Detector detector = Open(model, {.score_threshold = 0.1});
  const auto found = detector.Detect(kRed.view());
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].label, 1);
  EXPECT_NEAR(found[0].score, 0.75, 1e-5);
  EXPECT_THAT(found[0].box, ElementsAre(22, 22, 42, 42));
  EXPECT_NEAR(found[1].score, 0.125, 1e-5);
  const Model unknown = TinyRows("output", 3 * kCells, 7, Rows(3 * kCells, 7, rows));
  EXPECT_THAT(Open(unknown, {.model = {.type = "yolov5"}}).Detect(kRed.view()), SizeIs(1));
  EXPECT_THAT(ErrorOf(unknown), HasSubstr("it may be YOLOv5 or YOLOv7 of 2 classes"));
}

// Its last convolutions are 1 x 1, on the mean of the picture at each cell: box numbers as they
// are, and logits of objectness and classes. All cells give the same.
Model TinyYolox(const std::vector<float>& box, const std::vector<float>& logits, bool decoded) {
  const auto weights = [](auto begin, auto end) {
    std::vector<float> all;
    for (; begin != end; ++begin) all.insert(all.end(), {*begin, 0, 0});
    return all;
  };
  const auto numbers = static_cast<std::int64_t>(4 + logits.size());
  Model model;
  model.Input("images", kFloat, {1, 3, 64, 64})
      .Output("output", kFloat, {1, kCells, numbers})
      .Constant<float>("cells", kFloat, {1, 1, 1, kCells}, std::vector<float>(kCells, 1))
      .Constant<float>("wb", kFloat, {4, 3, 1, 1}, weights(box.begin(), box.end()))
      .Constant<float>("wo", kFloat, {1, 3, 1, 1}, weights(logits.begin(), logits.begin() + 1))
      .Constant<float>("wc", kFloat, {numbers - 5, 3, 1, 1},
                       weights(logits.begin() + 1, logits.end()))
      .Constant<std::int64_t>("flat", kInt64, {3}, {1, numbers, kCells})
      .Node("ReduceMean", {"images"}, "mean", Model::Ints("axes", {2, 3}))
      .Node("Mul", {"mean", "cells"}, "map")
      .Node("Conv", {"map", "wb"}, "cb")
      .Node("Conv", {"map", "wo"}, "co")
      .Node("Conv", {"map", "wc"}, "cc")
      .Node("Sigmoid", {"co"}, "po")
      .Node("Sigmoid", {"cc"}, "pc")
      .Node("Concat", {"cb", "po", "pc"}, "all", Model::Int("axis", 1))
      .Node("Reshape", {"all", "flat"}, "turned")
      .Node("Transpose", {"turned"}, decoded ? "rows" : "output", Model::Ints("perm", {0, 2, 1}));
  if (!decoded) return model;
  return model.Constant<std::int64_t>("begin", kInt64, {1}, {0})
      .Constant<std::int64_t>("four", kInt64, {1}, {4})
      .Constant<std::int64_t>("end", kInt64, {1}, {numbers})
      .Constant<std::int64_t>("axis", kInt64, {1}, {2})
      .Node("Slice", {"rows", "begin", "four", "axis"}, "offsets")
      .Node("Slice", {"rows", "four", "end", "axis"}, "scores")
      .Node("Exp", {"offsets"}, "boxes")
      .Node("Concat", {"boxes", "scores"}, "output", Model::Int("axis", 2));
}

// Blue comes first, as it is: 2.
TEST_F(ForeignDetectorTest, YoloxDecodesWhatTheFileDoesNot) {
  const Image blue = Uniform(2, 0);
  const Detector detector = Open(TinyYolox({0.25F, 0.25F, 0, 0}, {2, 1, 1.5F}, false));
  EXPECT_THAT(detector.notes(),
              ElementsAre(HasSubstr("is taken for YOLOX of its own repository, 1x84x7 not decoded"),
                          HasSubstr("its classes have numbers for names")));
  const auto found = detector.Detect(blue.view());
  ASSERT_THAT(found, SizeIs(kCells));
  const auto sigmoid = [](double x) { return 1 / (1 + std::exp(-x)); };
  EXPECT_NEAR(found[0].score, sigmoid(4) * sigmoid(3), 1e-5);
  EXPECT_EQ(found[0].label, 1);
  EXPECT_THAT(found[0].box, ElementsAre(0, 0, 8, 8));  // around (0 + 0.5) * 8
  EXPECT_THAT(found[9].box, ElementsAre(8, 8, 16, 16));
  EXPECT_THAT(found[64].box, ElementsAre(0, 0, 16, 16));
  EXPECT_THAT(found[83].box, ElementsAre(32, 32, 64, 64));
  EXPECT_THAT(detector.Detect(Uniform(0, 2).view()), SizeIs(0));  // 0.5 * 0.5 is not above 0.25
}

TEST_F(ForeignDetectorTest, YoloxThatIsDecoded) {
  const Model model = TinyYolox({1.5F, 1, 0.5F, 0.5F}, {2, 1, 1.5F}, true);
  const Detector detector = Open(model);
  EXPECT_THAT(detector.notes()[0], HasSubstr("1x84x7 decoded"));
  // All boxes are one. The picture is half as large in the input, whose lower half is 114: the mean
  // of blue is 58.
  const auto found = detector.Detect(Uniform(2, 0, 128, 64).view());
  ASSERT_THAT(found, IsEmpty());
  EXPECT_THAT(detector.left_out(), HasSubstr("box"));
  const auto square = detector.Detect(Uniform(2, 0).view());
  ASSERT_THAT(square, SizeIs(1));
  const auto e = [](double x) { return static_cast<float>(std::exp(x)); };
  EXPECT_NEAR(square[0].box[0], e(3) - e(1) / 2, 1e-4);
  EXPECT_NEAR(square[0].box[3], e(2) + e(1) / 2, 1e-4);
}

TEST_F(ForeignDetectorTest, YoloxByWord) {
  const Model unclear = TinyRows("output", kCells, 7, Rows(kCells, 7, {}));
  EXPECT_EQ(ErrorOf(unclear, {.model = {.type = "yolox"}}),
            "does not show whether its boxes are decoded");
  EXPECT_EQ(ErrorOf(unclear, {.model = {.type = "yolox", .decoded = true}}), "no error");
  const Detector wrong = Open(TinyRows("output", kCells, 7, Rows(kCells, 7, {})),
                              {.model = {.type = "yolox", .strides = {8, 16}, .decoded = false}});
  EXPECT_THROW(wrong.Detect(kRed.view()), ModelError);
}

TEST_F(ForeignDetectorTest, Mmdeploy) {
  const std::vector<std::vector<float>> rows = {{1, 2, 30, 40, 0.75F}, {3, 4, 5, 6, 0.5F}};
  const Model model = TinyRows("dets", 2, 5, Rows(2, 5, rows))
                          .Output("labels", kInt64, {1, 2})
                          .Constant<std::int64_t>("l", kInt64, {1, 2}, {1, 0})
                          .Node("Identity", {"l"}, "labels");
  const Detector detector = Open(model);
  EXPECT_THAT(detector.notes(), ElementsAre(HasSubstr("is taken for a detector of mmdeploy")));
  EXPECT_THAT(detector.warnings(), ElementsAre(HasSubstr("does not say how it wants its images")));
  const auto found = detector.Detect(kRed.view());
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].label, 1);
  EXPECT_THAT(found[0].box, ElementsAre(1, 2, 30, 40));
}

}  // namespace
}  // namespace yoloport::detect
