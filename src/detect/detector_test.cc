// Detectors that run for real, in ONNX Runtime, on files of a few hundred bytes: their one score is
// the mean of the picture's prepared pixels, so that it tells what the network got to see.
#include "yoloport/detector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <thread>

#include "base/text.h"
#include "detect/end_to_end.h"
#include "testing/contents.h"
#include "testing/files/tiny_detector.h"
#include "testing/files/tiny_onnx.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::detect {
namespace {

namespace fs = std::filesystem;
using base::Quote;
using contract::ToJson;
using tensor::Tensor;
using test_support::TinyDetector;
using test_support::TinyInfo;
using test_support::tiny_onnx::Model;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

// A uniform picture of 64x32: half of the input is picture, half black padding.
Image Uniform(std::uint8_t value, int width = 64, int height = 32) {
  Image image(width, height);
  std::fill_n(image.data(), image.stride() * static_cast<std::size_t>(height), value);
  return image;
}

class DetectorTest : public testing::Test {
 protected:
  ~DetectorTest() override { fs::remove(path_); }

  Detector Open(const Model& model, const DetectorOptions& options = {}) const {
    std::ofstream(path_, std::ios::binary) << model.Serialised();
    return Detector(path_, options);
  }
  Detector OpenTiny(std::int64_t batch, const DetectorOptions& options = {}) const {
    return Open(TinyDetector(batch).Metadata("yoloport", ToJson(TinyInfo())), options);
  }
  std::string ErrorOf(const std::function<void()>& action) const {
    try {
      action();
    } catch (const Error& error) {
      const std::string name = Quote(path_.native()) + ": ";
      return error.message().starts_with(name) ? error.message().substr(name.size())
                                               : error.message();
    }
    return "no error";
  }

  fs::path path_ = fs::path(testing::TempDir()) /
                   (std::string(testing::UnitTest::GetInstance()->current_test_info()->name()) +
                    std::to_string(::getpid()) + ".onnx");
};

TEST_F(DetectorTest, DetectsInPixelsOfTheImage) {
  const Detector detector = OpenTiny(1);
  EXPECT_THAT(detector.classes(), ElementsAre("dark", "bright"));
  EXPECT_EQ(detector.palette()[1].g, 50);
  EXPECT_THAT(detector.warnings(), IsEmpty());
  DetectTimes times;
  const auto found = detector.Detect(Uniform(204).view(), &times);
  ASSERT_THAT(found, SizeIs(2));  // best first, without padding
  EXPECT_EQ(found[0].label, 1);
  EXPECT_NEAR(found[0].score, 0.4, 1e-6);  // 204 / 255, half of it padding
  EXPECT_THAT(found[0].box, ElementsAre(16, 0, 48, 16));
  EXPECT_EQ(found[1].label, 0);
  EXPECT_THAT(found[1].box, ElementsAre(0, 0, 32, 32));
  EXPECT_GT(times.infer, 0);
}

// What the tool's tests run, since they see the public API only. To write it anew, run this test
// with YOLOPORT_WRITE_TESTDATA set.
TEST(TestdataTest, BrightnessIsTheTinyDetector) {
  const std::string model = TinyDetector(1).Metadata("yoloport", ToJson(TinyInfo())).Serialised();
  const char* path = "testdata/detect/brightness.onnx";
  if (std::getenv("YOLOPORT_WRITE_TESTDATA") != nullptr) {
    std::ofstream(path, std::ios::binary) << model;
  }
  EXPECT_EQ(test_support::Contents(path), model);
}

TEST(TestdataTest, NamesIsTheTinyDetectorWithNamesThatCannotBeDrawn) {
  contract::ModelCard info = TinyInfo();
  info.classes = {"\u043c\u0440\u0430\u043a", "\u4eae"};
  const std::string model = TinyDetector(1).Metadata("yoloport", ToJson(info)).Serialised();
  const char* path = "testdata/detect/names.onnx";
  if (std::getenv("YOLOPORT_WRITE_TESTDATA") != nullptr) {
    std::ofstream(path, std::ios::binary) << model;
  }
  EXPECT_EQ(test_support::Contents(path), model);
}

TEST_F(DetectorTest, KeepsWhatScoresEnough) {
  EXPECT_THAT(OpenTiny(1, {.score_threshold = 0.3}).Detect(Uniform(204).view()), SizeIs(1));
  EXPECT_THAT(OpenTiny(1, {.score_threshold = 0.5}).Detect(Uniform(204).view()), IsEmpty());
}

TEST_F(DetectorTest, SaysWhatOptionsDoNotChange) {
  EXPECT_EQ(OpenTiny(1, {.score_threshold = 0.1}).lowest_score(), 0.25);
  EXPECT_EQ(Open(TinyDetector(1)).lowest_score(), 0);
  const std::string file = Quote(path_.native());
  EXPECT_THAT(OpenTiny(2, {.batch = 8}).warnings(),
              ElementsAre(file + ": takes batches of 2 only; a batch of 8 changes nothing"));
  EXPECT_THAT(OpenTiny(2, {.batch = 2}).warnings(), IsEmpty());
  EXPECT_THAT(OpenTiny(-1, {.batch = 8}).warnings(), IsEmpty());
}

TEST_F(DetectorTest, RectLeavesPaddingOut) {
  contract::ModelCard info = TinyInfo();
  info.strides = {{8, 8}, {16, 16}};
  const Model any_size =
      TinyDetector(-1, test_support::tiny_onnx::kInt64, -1).Metadata("yoloport", ToJson(info));
  const Image wide = Uniform(204);
  const auto padded = Open(any_size).Detect(wide.view());
  EXPECT_NEAR(padded[0].score, 0.4, 1e-6);  // 32 x 32, half of it padding
  const Detector detector = Open(any_size, {.batch = 2, .rect = true});
  const auto found = detector.Detect(wide.view());
  EXPECT_NEAR(found[0].score, 0.8, 1e-5);                  // 32 x 16
  EXPECT_THAT(found[0].box, ElementsAre(16, 16, 48, 32));  // nothing above it
  // A run's images share an input: 32 x 32 here.
  const Image upright(16, 64);
  const auto both = detector.Detect(std::vector<ImageView>{wide.view(), upright.view()});
  EXPECT_NEAR(both[0][0].score, 0.4, 1e-6);
  EXPECT_THAT(both[0][0].box, ElementsAre(16, 0, 48, 16));
}

// mmdet.Resize with a long and a short edge.
TEST_F(DetectorTest, FilesOfAnySizeTurnWithTheImage) {
  contract::ModelCard info = TinyInfo();
  info.preprocess.rounding = Rounding::kHalfUp;
  info.preprocess.pad_side = PadSide::kRightBottom;
  info.preprocess.long_edge = 32;
  info.preprocess.short_edge = 16;
  info.preprocess.height = 16;
  const Image upright = Uniform(204, 32, 64);
  const Detector any_size = Open(
      TinyDetector(-1, test_support::tiny_onnx::kInt64, -1).Metadata("yoloport", ToJson(info)));
  for (const Image& image : {Uniform(204), Uniform(204, 32, 64)}) {
    EXPECT_NEAR(any_size.Detect(image.view())[0].score, 0.8, 1e-5);  // no padding
  }
  // A fixed input that holds both, padded.
  info.preprocess.height = 32;
  const Detector square = Open(TinyDetector(1).Metadata("yoloport", ToJson(info)));
  EXPECT_NEAR(square.Detect(upright.view())[0].score, 0.4, 1e-5);
  // The caller's size replaces the config's edges.
  const Detector larger =
      Open(TinyDetector(-1, test_support::tiny_onnx::kInt64, -1).Metadata("yoloport", ToJson(info)),
           {.model = {.height = 64, .width = 64}});
  EXPECT_NEAR(larger.Detect(upright.view())[0].score, 0.4, 1e-5);
}

// mmdet.Pad's size does not turn with the image, and neither does LetterResize's scale.
TEST_F(DetectorTest, WhatTurnsIsPaddedAsTheConfigAsks) {
  contract::ModelCard info = TinyInfo();
  info.preprocess.rounding = Rounding::kHalfUp;
  info.preprocess.pad_side = PadSide::kRightBottom;
  info.preprocess.long_edge = 32;
  info.preprocess.short_edge = 16;
  info.preprocess.height = 16;
  // The score is the share of the input that is not padding, times the image's.
  const auto score = [&](const Image& image, const DetectorOptions& options = {}) {
    const Detector detector = Open(
        TinyDetector(-1, test_support::tiny_onnx::kInt64, -1).Metadata("yoloport", ToJson(info)),
        options);
    return detector.Detect(image.view()).at(0).score;
  };
  const Image wide = Uniform(204);
  const Image upright = Uniform(204, 32, 64);
  info.preprocess.pad_to = PadTo::kInput;
  EXPECT_NEAR(score(wide), 0.8, 1e-5);     // 32 x 16
  EXPECT_NEAR(score(upright), 0.4, 1e-5);  // 16 x 32 in 32 x 32
  EXPECT_NEAR(score(upright, {.rect = true}), 0.8, 1e-5);
  info.preprocess.pad_to = PadTo::kSquare;
  EXPECT_NEAR(score(wide), 0.4, 1e-5);
  EXPECT_NEAR(score(upright), 0.4, 1e-5);
  info.preprocess.pad_to = PadTo::kStride;
  info.preprocess.pad_side = PadSide::kCenter;
  info.preprocess.height = 32;
  EXPECT_NEAR(score(wide), 0.4, 1e-5);
}

TEST_F(DetectorTest, RectNeedsAFileOfAnySize) {
  EXPECT_EQ(ErrorOf([&] { OpenTiny(1, {.rect = true}); }), "takes images of 32x32 only");
  contract::ModelCard info = TinyInfo();
  info.strides = {};
  const auto open = [&](const contract::ModelCard& resolved) {
    return ErrorOf([&] {
      Open(TinyDetector(1, test_support::tiny_onnx::kInt64, -1)
               .Metadata("yoloport", ToJson(resolved)),
           {.rect = true});
    });
  };
  EXPECT_EQ(open(info), "does not say its strides, which rect needs");
  info.preprocess.resize = ResizeKind::kStretch;
  EXPECT_EQ(open(info), "its images are stretched, so that rect saves nothing");
}

TEST_F(DetectorTest, ASizeThatIsAskedForIsMadeOfWholeStrides) {
  contract::ModelCard info = TinyInfo();
  info.strides = {{8, 8}, {32, 64}};
  const auto open = [&](int height, int width) {
    DetectorOptions options;
    options.model.height = height;
    options.model.width = width;
    try {
      Open(TinyDetector(1, test_support::tiny_onnx::kInt64, -1).Metadata("yoloport", ToJson(info)),
           options);
    } catch (const UsageError& error) {
      return error.message().substr(error.message().find(": ")) + "; " + error.hint();
    }
    return std::string("no error");
  };
  EXPECT_EQ(open(1000, 64),
            ": takes images whose sides are multiples of 64, not of 64x1000; "
            "the nearest size is --img-size 1024 64");
  EXPECT_EQ(open(64, 10),
            ": takes images whose sides are multiples of 64, not of 10x64; "
            "the nearest size is --img-size 64 64");
  EXPECT_EQ(open(64, 128), "no error");
  info.strides = {};
  EXPECT_EQ(open(1000, 10), "no error");
}

// A kilobyte may ask for an input of any size, by its shape, its metadata or its strides.
TEST_F(DetectorTest, InputsOfManyElementsAreRefused) {
  contract::ModelCard info = TinyInfo();
  const auto open = [&](std::int64_t batch, std::int64_t side,
                        const DetectorOptions& options = {}) {
    return ErrorOf([&] {
      const Detector detector = Open(TinyDetector(batch, test_support::tiny_onnx::kInt64, side)
                                         .Metadata("yoloport", ToJson(info)),
                                     options);
      if (options.rect) detector.Detect(Uniform(1).view());
    });
  };
  const std::string rest = " numbers, which is more than the 167772160 that are prepared for a run";
  EXPECT_EQ(open(1, 16384), "takes 1 x 3 x 16384 x 16384" + rest);
  EXPECT_EQ(open(40, 1280), "takes 40 x 3 x 1280 x 1280" + rest);
  EXPECT_EQ(open(1, 4096), "no error");
  EXPECT_EQ(open(32, 1280), "no error");
  info.preprocess.width = info.preprocess.height = 1280;
  EXPECT_EQ(open(-1, -1, {.batch = 40}), "takes 40 x 3 x 1280 x 1280" + rest);
  EXPECT_EQ(open(-1, -1, {.batch = 32}), "no error");
  info.preprocess.width = info.preprocess.height = 16384;
  EXPECT_EQ(open(1, -1), "takes 1 x 3 x 16384 x 16384" + rest);
  info = TinyInfo();
  info.strides = {{16384, 16384}};
  EXPECT_EQ(open(1, -1, {.rect = true}), "takes 1 x 3 x 16384 x 16384" + rest);
}

TEST_F(DetectorTest, BatchesOfAnySize) {
  const Image images[] = {Uniform(51), Uniform(102), Uniform(153), Uniform(204), Uniform(255)};
  std::vector<ImageView> views;
  for (const Image& image : images) views.push_back(image.view());
  for (const auto& [file_batch, option] : {std::pair{1, 1}, {2, 1}, {8, 1}, {-1, 1}, {-1, 3}}) {
    const Detector detector = OpenTiny(file_batch, {.batch = option});
    const auto found = detector.Detect(views);
    ASSERT_THAT(found, SizeIs(5));
    for (int i = 0; i < 5; ++i) EXPECT_NEAR(found[i][0].score, 0.1 * (i + 1), 1e-6) << file_batch;
  }
  EXPECT_THAT(OpenTiny(2).Detect(std::span<const ImageView>()), IsEmpty());
}

TEST_F(DetectorTest, TakesLabelsOfAnyElementType) {
  for (const int type : {test_support::tiny_onnx::kFloat, test_support::tiny_onnx::kInt32,
                         test_support::tiny_onnx::kInt64}) {
    const Detector detector = Open(TinyDetector(1, type).Metadata("yoloport", ToJson(TinyInfo())));
    EXPECT_EQ(detector.Detect(Uniform(204).view())[0].label, 1);
  }
}

TEST_F(DetectorTest, RunsInSeveralThreadsAtOnce) {
  const Detector detector = OpenTiny(1);
  std::vector<std::thread> threads;
  for (int t = 1; t <= 4; ++t) {
    threads.emplace_back([&detector, t] {
      const Image image = Uniform(static_cast<std::uint8_t>(51 * t));
      for (int i = 0; i < 20; ++i) {
        EXPECT_NEAR(detector.Detect(image.view())[0].score, 0.1 * t, 1e-6);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST_F(DetectorTest, RunsFilesWithoutMetadata) {
  const Detector detector = Open(TinyDetector(1));
  EXPECT_THAT(detector.classes(), IsEmpty());
  EXPECT_EQ(detector.preprocess().width, 32);
  EXPECT_THAT(
      detector.warnings(),
      ElementsAre(Quote(path_.native()) +
                  ": does not say how it wants its images; images are prepared as for "
                  "YOLOv5, and classes have numbers for names\nhint: --type, --class-names, "
                  "--mean, --std, --bgr and --resize say otherwise"));
  EXPECT_THAT(detector.notes(), ElementsAre(HasSubstr("is taken for an end-to-end file of")));
  EXPECT_THAT(detector.Detect(Uniform(204).view()), SizeIs(2));
}

TEST_F(DetectorTest, WarnsOfBrokenMetadata) {
  const Detector detector = Open(TinyDetector(1).Metadata("yoloport", "{\"format\":1}"));
  ASSERT_THAT(detector.warnings(), SizeIs(1));
  EXPECT_THAT(detector.warnings()[0], HasSubstr("metadata: type: is missing"));
  EXPECT_THAT(detector.Detect(Uniform(204).view()), SizeIs(2));
}

TEST_F(DetectorTest, RefusesWhatIsNoDetector) {
  const Model raw = Model()
                        .Input("images", test_support::tiny_onnx::kFloat, {1, 3, 32, 32})
                        .Output("head", test_support::tiny_onnx::kFloat, {1, 3, 32, 32})
                        .Node("Relu", {"images"}, "head");
  EXPECT_EQ(ErrorOf([&] { Open(raw); }),
            "ends with raw heads and does not say of which type; its outputs are 'head' 1x3x32x32");
  const Model flat = Model()
                         .Input("images", test_support::tiny_onnx::kFloat, {1, 3, 32, 32})
                         .Output("flat", test_support::tiny_onnx::kFloat, {1, 3072})
                         .Node("Flatten", {"images"}, "flat", Model::Int("axis", 1));
  EXPECT_EQ(ErrorOf([&] { Open(flat); }),
            "has neither the outputs num_dets, boxes, scores and labels nor maps of raw heads; it "
            "has 'flat' 1x3072");
  const Model vector = Model()
                           .Input("x", test_support::tiny_onnx::kFloat, {5})
                           .Output("y", test_support::tiny_onnx::kFloat, {5})
                           .Node("Relu", {"x"}, "y");
  EXPECT_EQ(ErrorOf([&] { Open(vector); }),
            "is no detector: it takes 'x' float32 5, not one float batch x 3 x height x width");
  EXPECT_EQ(ErrorOf([&] { Detector("/missing.onnx"); }), "'/missing.onnx': no such file");
}

TEST_F(DetectorTest, RefusesOptionsOutOfRange) {
  EXPECT_THROW(OpenTiny(1, {.score_threshold = NAN}), UsageError);
  EXPECT_THROW(OpenTiny(1, {.score_threshold = 2}), UsageError);
  EXPECT_THROW(OpenTiny(1, {.runtime = "tvm"}), UsageError);
  EXPECT_THROW(OpenTiny(1, {.threads = -1}), UsageError);
  EXPECT_THROW(OpenTiny(1, {.batch = 0}), UsageError);
}

TEST_F(DetectorTest, RefusesViewsThatAreNone) {
  EXPECT_THROW(OpenTiny(1).Detect(ImageView{}), ImageError);
}

// As easydeploy's graph gives them: num_dets beyond what there is, one row of padding.
TEST(EndToEndTest, BelievesNeitherCountsNorShapes) {
  const float nan = NAN;
  const std::vector<Tensor> outputs = {
      Tensor::Of<std::int32_t>({1, 1}, {99}),
      Tensor::Of<float>({1, 3, 4}, {0, 0, 1, 1, 0, nan, 1, 1, 0, 0, 0, 0}),
      Tensor::Of<float>({1, 3}, {0.5F, 0.9F, 0}), Tensor::Of<float>({1, 3}, {7, 3, -1})};
  const EndToEndOutputs where{contract::OutputLayout::kMmyolo, 0, 1, 2, 3};
  WrongAnswers wrong(0);
  const auto found = ReadEndToEnd(where, outputs, 1, 0, "m", wrong);
  ASSERT_THAT(found[0], SizeIs(1));
  EXPECT_EQ(found[0][0].label, 7);
  EXPECT_THROW(ReadEndToEnd(where, outputs, 2, 0, "m", wrong), ModelError);
  const EndToEndOutputs confused{contract::OutputLayout::kMmyolo, 0, 2, 1, 3};
  EXPECT_THROW(ReadEndToEnd(confused, outputs, 1, 0, "m", wrong), ModelError);
}

}  // namespace
}  // namespace yoloport::detect
