// Which size a config gives its images, and what is padded.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/mmyolo/preprocess.h"
#include "sources/mmyolo/test_configs.h"

namespace yoloport::sources::mmyolo {
namespace {

using config::Config;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

// mmdet.Resize turns its scale with the image.
TEST(PreprocessSizesTest, LongAndShortEdgeArePartOfAnInputThatHoldsBoth) {
  const std::string pipeline = Resize("scale=(640, 384)");
  for (const ExportedInput& input : {kSquare, kAnySize}) {
    const PreprocessReport report = PreprocessOf(pipeline, input);
    EXPECT_EQ(report.preprocess.long_edge, 640);
    EXPECT_EQ(report.preprocess.short_edge, 384);
    EXPECT_EQ(report.notes.empty(), input.is_dynamic);  // a fixed input is padded to all of it
  }
  // A scale as mmdet's configs state it, in an input of whole strides.
  const PreprocessReport report = PreprocessOf(Resize("scale=(1333, 800)"), {800, 1344, true});
  EXPECT_EQ(report.preprocess.long_edge, 1333);
  EXPECT_EQ(report.preprocess.short_edge, 800);
}

// mmdet.Pad's size stays as it is when the scale turns.
TEST(PreprocessSizesTest, AnInputThatTurnsIsPaddedAsTheConfigAsks) {
  const auto padded = [](const std::string& pad, const ExportedInput& input = kAnySize) {
    return PreprocessOf(
        "[dict(type='mmdet.Resize', keep_ratio=True, scale=(640, 384)), "
        "dict(type='mmdet.Pad', " +
            pad + ")]",
        input);
  };
  EXPECT_EQ(padded("size=(640, 384)").preprocess.pad_to, PadTo::kInput);
  EXPECT_EQ(padded("size=(640, 640)", {640, 640, true}).preprocess.pad_to, PadTo::kInput);
  EXPECT_EQ(padded("size=(640, 640)").preprocess.pad_to,
            PadTo::kStride);  // another size, which is noted
  EXPECT_EQ(padded("pad_to_square=True").preprocess.pad_to, PadTo::kSquare);
  EXPECT_EQ(padded("size_divisor=32").preprocess.pad_to, PadTo::kStride);
  EXPECT_THAT(padded("size_divisor=32").notes, IsEmpty());
  EXPECT_THAT(padded("size_divisor=64").notes,
              ElementsAre("the config pads images to multiples of 64 (Pad's size_divisor); inputs "
                          "that turn with the image are padded to multiples of 32, the network's "
                          "largest stride"));
  // An input of fixed size is padded to that.
  EXPECT_EQ(padded("size=(640, 640)", kSquare).preprocess.pad_to, PadTo::kStride);
  EXPECT_EQ(padded("pad_to_square=True", kSquare).preprocess.pad_to, PadTo::kStride);
  // LetterResize's scale does not turn, and neither does the input.
  const Preprocess letter =
      PreprocessOf(
          "[dict(type='YOLOv5KeepRatioResize', scale=(640, 384)), dict(type='LetterResize', "
          "scale=(640, 640))]",
          {640, 640, true})
          .preprocess;
  EXPECT_EQ(letter.short_edge, 384);
  EXPECT_FALSE(letter.turns());
}

TEST(PreprocessSizesTest, AnInputForOneOrientationIsNoted) {
  EXPECT_THAT(PreprocessOf(Resize("scale=(640, 384)"), kWide).notes,
              ElementsAre("the config resizes upright images to 384 x 640 (width x height), which "
                          "the input of 640 x 384 does not hold: they become smaller than in "
                          "MMYOLO. --img-size 384 640 --dynamic height,width gives MMYOLO's "
                          "size"));
  EXPECT_THAT(PreprocessOf(Resize("scale=(640, 384)"), {640, 384}).notes,
              ElementsAre(StartsWith("the config resizes wide images to 640 x 384")));
}

TEST(PreprocessSizesTest, PaddingToLessThanTheInputIsNoted) {
  const auto padded = [](const std::string& scale, const std::string& pad,
                         const ExportedInput& input) {
    return PreprocessOf("[dict(type='mmdet.Resize', keep_ratio=True, scale=" + scale +
                            "), dict(type='mmdet.Pad', " + pad + ")]",
                        input)
        .notes;
  };
  constexpr auto kNote =
      "the config does not pad every image to the whole input of 640 x 640 as the file does, so "
      "that detections differ: ";
  EXPECT_THAT(padded("640", "size_divisor=32", kSquare),
              ElementsAre(std::string(kNote) + "--img-size 640 640 --dynamic height,width and "
                                               "detect --rect give MMYOLO's padding"));
  EXPECT_THAT(padded("640", "size_divisor=32", {640, 640, true}),
              ElementsAre(std::string(kNote) + "detect --rect gives MMYOLO's padding"));
  EXPECT_THAT(padded("640", "size_divisor=64", {640, 640, true}),
              ElementsAre(std::string(kNote) + "no file pads to multiples of 64 as MMYOLO does"));
  EXPECT_THAT(padded("(640, 384)", "size_divisor=32", kSquare),
              ElementsAre(std::string(kNote) +
                          "--img-size 384 640 --dynamic height,width gives MMYOLO's padding"));
  EXPECT_THAT(padded("(640, 384)", "pad_to_square=True", kSquare), ElementsAre(StartsWith(kNote)));
  EXPECT_THAT(padded("(640, 384)", "size_divisor=32", kAnySize), IsEmpty());  // it turns
  for (const char* whole : {"size=(640, 640)", "pad_to_square=True", "size_divisor=640"}) {
    EXPECT_THAT(padded("640", whole, kSquare), IsEmpty());
  }
  // Each image is a square of 640 pixels, which the input of one orientation does not hold.
  EXPECT_THAT(padded("(640, 384)", "size_divisor=640", kWide),
              ElementsAre(HasSubstr("--img-size 640 640 gives MMYOLO's size")));
}

TEST(PreprocessSizesTest, OtherInputsReplaceTheScale) {
  const PreprocessReport report = PreprocessOf(Resize("scale=(1333, 800)"));
  EXPECT_EQ(report.preprocess.long_edge, 0);
  EXPECT_THAT(report.notes,
              ElementsAre("the config resizes images to 800 1333 (height, width), which the "
                          "network's stride of 32 does not divide: --img-size 800 1344 is nearest, "
                          "not 640 640"));
  EXPECT_THAT(PreprocessOf(LetterResize(""), {1280, 1280}).notes,
              ElementsAre("the config tests its network at --img-size 640 640, not 1280 1280"));
  EXPECT_THAT(PreprocessOf("[dict(type='FixShapeResize', width=640, height=640)]").notes,
              IsEmpty());
}

// What an input gets that nobody asked for another size: as text, "height x width".
std::string TestSizeOf(const std::string& pipeline, const std::string& preprocessor = "dict()",
                       int stride = 32, bool is_dynamic = false) {
  const Config config =
      Config::FromText("model = dict(data_preprocessor=dict(type='mmdet.DetDataPreprocessor', **" +
                           preprocessor + "))\n" + pipeline,
                       "c.py");
  const auto size = TestSize(config.root(), config.root()["model"], stride, is_dynamic);
  return size ? std::to_string(size->height) + " x " + std::to_string(size->width) : "none";
}

TEST(PreprocessSizesTest, TheSizeThatIsTested) {
  const auto size = [](const std::string& pipeline) {
    return TestSizeOf("test_pipeline = " + pipeline);
  };
  EXPECT_EQ(size("[dict(type='LetterResize', scale=(1280, 736))]"), "736 x 1280");
  EXPECT_EQ(size("[dict(type='YOLOv5KeepRatioResize', scale=512), dict(type='LetterResize', "
                 "scale=(640, 640))]"),
            "640 x 640");
  EXPECT_EQ(size("[dict(type='FixShapeResize', width=416, height=320)]"), "320 x 416");
  EXPECT_EQ(size("[dict(type='Resize', scale=(512, 384), keep_ratio=False)]"), "384 x 512");
  EXPECT_EQ(size("[dict(type='mmdet.Resize', scale=(512, 384), keep_ratio=True), "
                 "dict(type='mmdet.Pad', size=(512, 512))]"),
            "512 x 512");
  EXPECT_EQ(size("[dict(type='LoadImageFromFile')]"), "none");
  EXPECT_EQ(TestSizeOf("x = 1"), "none");
  // Batch shapes change what a batch of the test is padded to, not the pipeline's scale.
  EXPECT_EQ(TestSizeOf("test_dataloader = dict(dataset=dict(\n"
                       "  batch_shapes_cfg=dict(type='BatchShapePolicy', img_size=512, "
                       "size_divisor=32, extra_pad_ratio=0.5),\n"
                       "  pipeline=[dict(type='LetterResize', scale=(512, 512))]))"),
            "512 x 512");
}

TEST(PreprocessSizesTest, TheSizeThatIsTestedIsRoundedUp) {
  const std::string letter = "test_pipeline = [dict(type='LetterResize', scale=(600, 401))]";
  EXPECT_EQ(TestSizeOf(letter), "416 x 608");
  EXPECT_EQ(TestSizeOf(letter, "dict()", 64), "448 x 640");
  EXPECT_EQ(TestSizeOf(letter, "dict(pad_size_divisor=48)"), "448 x 640");  // 432 and 624 at first
}

TEST(PreprocessSizesTest, AnInputOfFixedSizeHoldsBothOrientations) {
  const std::string resize = "test_pipeline = " + Resize("scale=(1333, 800)");
  EXPECT_EQ(TestSizeOf(resize), "1344 x 1344");
  EXPECT_EQ(TestSizeOf(resize, "dict()", 32, true), "800 x 1344");
  // Nothing is said of a size that nobody chose.
  EXPECT_THAT(PreprocessOf(Resize("scale=(1333, 800)"), {800, 1344, true}).notes, IsEmpty());
}

TEST(PreprocessSizesTest, AScaleWithinALargerCanvasStays) {
  const PreprocessReport report = PreprocessOf(
      "[dict(type='YOLOv5KeepRatioResize', scale=512), dict(type='LetterResize', scale=640, "
      "allow_scale_up=False)]");
  EXPECT_EQ(report.preprocess.long_edge, 512);
  EXPECT_EQ(report.preprocess.short_edge, 512);
  EXPECT_THAT(report.notes, IsEmpty());
}

// mmcv's Pad never shrinks.
TEST(PreprocessSizesTest, APadThatHoldsNoResizedImageDoesNotCount) {
  const auto padded = [](const std::string& size, const ExportedInput& input) {
    return PreprocessOf(
        "[dict(type='mmdet.Resize', scale=(1280, 1280), keep_ratio=True), "
        "dict(type='mmdet.Pad', size=" +
            size + ")]",
        input);
  };
  constexpr auto kNote =
      "c.py:2:110: Pad's size of 640 x 640 does not hold images that were resized to 1280 x 1280 "
      "and makes none smaller: the size to resize to counts instead, and smaller images are padded "
      "to the input";
  EXPECT_THAT(
      padded("(640, 640)", kSquare).notes,
      ElementsAre(kNote, "the config tests its network at --img-size 1280 1280, not 640 640"));
  EXPECT_THAT(padded("(640, 640)", {1280, 1280}).notes, ElementsAre(kNote));
  EXPECT_THAT(padded("(1280, 640)", {1280, 1280}).notes, ElementsAre(HasSubstr("1280 x 640")));
  EXPECT_THAT(padded("(1280, 1280)", {1280, 1280}).notes, IsEmpty());
  EXPECT_THAT(padded("(1600, 1600)", {1280, 1280}).notes,
              ElementsAre("the config tests its network at --img-size 1600 1600, not 1280 1280"));
}

TEST(PreprocessSizesTest, StretchedImagesAreNotPadded) {
  const auto padded = [](const std::string& arguments) {
    return "[dict(type='Resize', scale=(640, 320), keep_ratio=False), dict(type='Pad', " +
           arguments + ")]";
  };
  EXPECT_THAT(PreprocessOf(padded("size=(320, 320)"), {320, 640}).notes, IsEmpty());
  EXPECT_THAT(PreprocessOf(padded("size_divisor=32"), {320, 640}).notes, IsEmpty());
  for (const char* arguments : {"size=640", "size_divisor=100", "pad_to_square=True"}) {
    EXPECT_THAT(PipelineError(padded(arguments)),
                HasSubstr("pads an image that was stretched, which is not supported"));
  }
}

TEST(PreprocessSizesTest, TheSizeToExportIsAMultipleOfPreprocessorAndStride) {
  const auto report = [](const ExportedInput& input) {
    const Config config = Config::FromText(
        "model = dict(data_preprocessor=dict(type='DetDataPreprocessor', pad_size_divisor=64))\n"
        "test_pipeline = [dict(type='mmdet.Resize', scale=(1300, 1300), keep_ratio=True)]",
        "c.py");
    return ReadPreprocess(config.root(), config.root()["model"], input);
  };
  EXPECT_THAT(report(kSquare).notes, ElementsAre(HasSubstr("--img-size 1344 1344 is nearest")));
  EXPECT_THAT(report({1344, 1344}).notes, ElementsAre(HasSubstr("does not pad every image")));
  EXPECT_EQ(report({1344, 1344}).preprocess.long_edge, 1300);
}

// MMYOLO resizes twice: LetterResize shrinks what YOLOv5KeepRatioResize left too large.
TEST(PreprocessSizesTest, AScaleBeyondTheCanvasStays) {
  const std::string pipeline =
      "[dict(type='YOLOv5KeepRatioResize', scale=(1280, 1280)), dict(type='LetterResize', "
      "scale=(640, 640), allow_scale_up=False, pad_val=dict(img=114))]";
  const PreprocessReport report = PreprocessOf(pipeline);
  EXPECT_EQ(report.preprocess.long_edge, 1280);
  EXPECT_EQ(report.preprocess.short_edge, 1280);
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_EQ(PreprocessOf(pipeline, {320, 320}).preprocess.long_edge, 0);  // noted
  EXPECT_THAT(PreprocessOf("[dict(type='YOLOv5KeepRatioResize', scale=640), "
                           "dict(type='LetterResize', scale=640, stretch_only=True)]")
                  .notes,
              ElementsAre(HasSubstr("MMYOLO resizes twice")));
}

TEST(PreprocessSizesTest, WithoutATransformThatPadsThePreprocessorDoes) {
  const Preprocess preprocess =
      PreprocessedBy(
          "dict(type='DetDataPreprocessor', mean=[1, 2, 3], std=[4, 5, 6], "
          "bgr_to_rgb=True, pad_value=0.5, pad_size_divisor=32)")
          .preprocess;
  EXPECT_EQ(preprocess.pad_domain, PadDomain::kInput);
  EXPECT_THAT(preprocess.pad_value, ElementsAre(0.5, 0.5, 0.5));
  EXPECT_EQ(preprocess.pad_side, PadSide::kRightBottom);
  EXPECT_THAT(preprocess.mean, ElementsAre(1, 2, 3));
  EXPECT_THAT(preprocess.std, ElementsAre(4, 5, 6));
  EXPECT_TRUE(preprocess.rgb);
  EXPECT_EQ(
      PreprocessOf("[dict(type='Resize', scale=640, keep_ratio=True), dict(type='Pad', size=640, "
                   "pad_val=dict(img=114))]")
          .preprocess.pad_domain,
      PadDomain::kPixel);
}

TEST(PreprocessSizesTest, KeysOfThePreprocessor) {
  const auto error = [](const std::string& preprocessor) {
    return ErrorOf([&] { PreprocessedBy(preprocessor); });
  };
  EXPECT_THAT(PreprocessedBy("dict(type='mmdet.DetDataPreprocessor', batch_augments=[dict()], "
                             "boxtype2tensor=False, pad_mask=True, pad_size_divisor=640)")
                  .notes,
              IsEmpty());
  EXPECT_THAT(PreprocessedBy("dict(type='DetDataPreprocessor', pad_size_divisor=1000)").notes,
              ElementsAre("the config pads images to multiples of 1000 (data_preprocessor's "
                          "pad_size_divisor), and the input of 640 x 640 is none"));
  EXPECT_THAT(error("dict(type='DetDataPreprocessor', means=[0])"),
              HasSubstr("is not a known argument of data_preprocessor"));
  EXPECT_THAT(error("dict(type='MyPreprocessor')"), HasSubstr("unknown type 'MyPreprocessor'"));
  EXPECT_THAT(error("dict(type='DetDataPreprocessor', std=[0, 0, 0])"),
              HasSubstr("must be from 1e-06 to 1e+06, not 0"));
}

TEST(PreprocessSizesTest, PreprocessorsThatMmengineRefusesAreRefused) {
  const auto error = [](const std::string& arguments) {
    return ErrorOf([&] { PreprocessedBy("dict(type='DetDataPreprocessor', " + arguments + ")"); });
  };
  EXPECT_THAT(error("bgr_to_rgb=True, rgb_to_bgr=True"),
              StartsWith("c.py:1:93: 'model.data_preprocessor.rgb_to_bgr': cannot be True beside "
                         "bgr_to_rgb"));
  EXPECT_THAT(error("mean=None, std=[1, 1, 1]"),
              StartsWith("c.py:1:80: 'model.data_preprocessor.std': is stated without mean"));
  EXPECT_THAT(error("mean=[1, 1, 1]"),
              StartsWith("c.py:1:70: 'model.data_preprocessor.mean': is stated without std"));
  EXPECT_EQ(error("mean=None, std=None, bgr_to_rgb=False, rgb_to_bgr=True"), "accepted");
}

// MMYOLO's second padding is the preprocessor's, behind normalization.
TEST(PreprocessSizesTest, PaddingThatIsNotThePipelinesIsNoted) {
  const auto notes = [](const std::string& pad, const std::string& pad_value) {
    const Config config = Config::FromText(
        "model = dict(data_preprocessor=dict(type='DetDataPreprocessor', mean=[0, 0, 0], "
        "std=[255, 255, 255], pad_size_divisor=32, pad_value=" +
            pad_value +
            "))\ntest_pipeline = [dict(type='Resize', scale=(640, 640), keep_ratio=True), "
            "dict(type='Pad', pad_val=dict(img=51), " +
            pad + ")]",
        "c.py");
    std::vector<std::string> all =
        ReadPreprocess(config.root(), config.root()["model"], kSquare).notes;
    std::erase_if(all, [](const std::string& note) { return !note.starts_with("MMYOLO pads"); });
    return all;
  };
  EXPECT_THAT(notes("size_divisor=16", "0"),
              ElementsAre("MMYOLO pads twice: what the test pipeline leaves up to multiples of 32 "
                          "(data_preprocessor's pad_size_divisor) gets data_preprocessor's "
                          "pad_value 0; here all padding is the pipeline's pad_val, which is 0.2 "
                          "0.2 0.2 behind normalization"));
  EXPECT_THAT(notes("size_divisor=16", "0.2"), IsEmpty());
  EXPECT_THAT(notes("size_divisor=32", "0"), IsEmpty());
  EXPECT_THAT(notes("size=(640, 640)", "0"), IsEmpty());
  EXPECT_THAT(notes("pad_to_square=True", "0"), IsEmpty());
  EXPECT_THAT(notes("size=(320, 320)", "0"), ElementsAre(StartsWith("MMYOLO pads twice")));
}

}  // namespace
}  // namespace yoloport::sources::mmyolo
