#include "pipeline/recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "yoloport/error.h"

namespace yoloport {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

constexpr ExportedInput kSquare = {640, 640};
constexpr ExportedInput kWide = {384, 640};
constexpr ExportedInput kAnySize = {384, 640, true};

// The recipe of a config whose test pipeline is `pipeline` (Python).
RecipeReport RecipeOf(const std::string& pipeline, const ExportedInput& input = kSquare) {
  const Config config = Config::FromText("model = dict()\ntest_pipeline = " + pipeline, "c.py");
  return ReadRecipe(config.root(), config.root()["model"], input);
}

// The recipe of a config whose model has that data_preprocessor, and that resizes without padding.
RecipeReport PreprocessedBy(const std::string& preprocessor) {
  const Config config = Config::FromText(
      "model = dict(data_preprocessor=" + preprocessor +
          ")\ntest_pipeline = [dict(type='mmdet.Resize', scale=(640, 640), keep_ratio=True)]",
      "c.py");
  return ReadRecipe(config.root(), config.root()["model"], kSquare);
}

// The whole text of the error that `read` ends with.
template <typename Read>
std::string ErrorOf(const Read& read) {
  try {
    read();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

std::string PipelineError(const std::string& pipeline) {
  return ErrorOf([&] { RecipeOf(pipeline); });
}

std::string LetterResize(const std::string& arguments) {
  return "[dict(type='LetterResize', scale=(640, 640)" + arguments + ")]";
}

std::string Resize(const std::string& arguments) {
  return "[dict(type='mmdet.Resize', keep_ratio=True, " + arguments + ")]";
}

std::string Load(const std::string& arguments) {
  return "[dict(type='LoadImageFromFile', " + arguments +
         "), dict(type='LetterResize', scale=(640, 640))]";
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
  EXPECT_EQ(PipelineError(LetterResize(", pad_val=dict(img=(1, 2))")),
            "c.py:2:79: 'test_pipeline[0].pad_val.img': needs one number or three\n"
            "...LetterResize', scale=(640, 640), pad_val=dict(img=(1, 2)))]\n"
            "                                                     ^");
}

TEST(RecipeTest, PadValueOfUnknownKeysIsRefused) {
  EXPECT_THAT(
      PipelineError(LetterResize(", pad_val=dict(imag=30)")),
      AllOf(StartsWith("c.py:2:80: 'test_pipeline[0].pad_val.imag': is not a known argument "
                       "of pad_val"),
            HasSubstr("did you mean img?")));
}

TEST(RecipeTest, PadValueIsAPixel) {
  EXPECT_THAT(PipelineError(LetterResize(", pad_val=256")), HasSubstr("must be from 0 to 255"));
  EXPECT_THAT(PipelineError(LetterResize(", pad_val=-1")), HasSubstr("must be from 0 to 255"));
}

TEST(RecipeTest, StretchingPipelineKeepsNoRatio) {
  const auto report = RecipeOf(
      "[dict(type='mmdet.FixShapeResize', width=640, height=640, keep_ratio=False, "
      "interpolation='bicubic')]");
  EXPECT_EQ(report.recipe.resize, ResizeKind::kStretch);
  EXPECT_EQ(report.recipe.enlarge, Interpolation::kBicubic);
  EXPECT_EQ(RecipeOf(LetterResize(", stretch_only=True")).recipe.resize, ResizeKind::kStretch);
}

TEST(RecipeTest, UnknownTransformsAreRefusedWithTheNearest) {
  EXPECT_EQ(PipelineError("[dict(type='LeterResize')]"),
            "c.py:2:28: 'test_pipeline[0].type': the test pipeline's transform 'LeterResize' is "
            "not known\n"
            "test_pipeline = [dict(type='LeterResize')]\n"
            "                           ^\n"
            "hint: did you mean LetterResize? known are Compose, TestTimeAug, LoadImageFromFile, "
            "LoadImageFromNDArray, YOLOv5KeepRatioResize, LetterResize, Resize, FixShapeResize, "
            "Pad, RandomFlip, LoadAnnotations, PackDetInputs, RemoveDataElement");
}

TEST(RecipeTest, UnknownArgumentsAreRefusedWithTheNearest) {
  EXPECT_EQ(PipelineError(Resize("scale=(640, 640), interpolaton='area'")),
            "c.py:2:92: 'test_pipeline[0].interpolaton': is not a known argument of Resize\n"
            "..., keep_ratio=True, scale=(640, 640), interpolaton='area')]\n"
            "                                                     ^\n"
            "hint: did you mean interpolation? known are scale, scale_factor, keep_ratio, "
            "interpolation, backend, clip_object_border");
}

TEST(RecipeTest, ArgumentsThatDoNotTouchPixelsAreHarmless) {
  EXPECT_THAT(RecipeOf(Load("backend_args=None, ignore_empty=True")).notes, IsEmpty());
  EXPECT_THAT(RecipeOf(LetterResize(", clip_object_border=False")).notes, IsEmpty());
  EXPECT_THAT(RecipeOf("[dict(type='LoadAnnotations', with_bbox=True, anything=1), "
                       "dict(type='LetterResize', scale=640), dict(type='mmdet.RandomFlip', "
                       "prob=0.0), dict(type='mmdet.PackDetInputs', "
                       "meta_keys=('a', 'ori_shape', 'scale_factor', 'pad_param'))]")
                  .notes,
              IsEmpty());
}

// MMYOLO's heads map boxes back with these.
TEST(RecipeTest, PackedKeysThatMmyoloMissesAreNoted) {
  const auto notes = [](const std::string& pack, const std::string& resize = "'LetterResize'") {
    return RecipeOf("[dict(type=" + resize + ", scale=640), dict(type='mmdet.PackDetInputs'" +
                    pack + ")]")
        .notes;
  };
  EXPECT_THAT(notes(", meta_keys=('ori_shape', 'scale_factor')"),
              ElementsAre("c.py:2:99: the meta_keys are without 'pad_param': MMYOLO leaves "
                          "LetterResize's padding in its boxes, yoloport takes it off. With "
                          "'pad_param' among them both find the same"));
  EXPECT_THAT(notes(""), ElementsAre(StartsWith("c.py:2:66: the meta_keys, which are mmdet's own "
                                                "where none are stated, are without 'pad_param'")));
  EXPECT_THAT(notes(", meta_keys=('pad_param', 'ori_shape')"),
              ElementsAre("c.py:2:99: the meta_keys are without 'scale_factor': MMYOLO stops "
                          "there, yoloport needs none"));
  EXPECT_THAT(notes(", meta_keys=()", "'mmdet.Resize'"),
              ElementsAre(HasSubstr("'ori_shape'"), HasSubstr("'scale_factor'")));
  EXPECT_THAT(notes("", "'LetterResize', stretch_only=True"), IsEmpty());
  EXPECT_THAT(notes("", "'mmdet.Resize'"), IsEmpty());  // pads nothing before the image
}

TEST(RecipeTest, MmcvsAndMmenginesTransformsAreKnown) {
  const RecipeReport report = RecipeOf(
      "[dict(type='mmcv.LoadImageFromFile'), dict(type='mmengine.Resize', scale=(640, 320))]",
      {320, 640});
  EXPECT_EQ(report.recipe.resize, ResizeKind::kStretch);
  EXPECT_THAT(report.notes, IsEmpty());
}

TEST(RecipeTest, MiniPaddingIsDetectsToDo) {
  EXPECT_THAT(
      RecipeOf(LetterResize(", use_mini_pad=True")).notes,
      ElementsAre("use_mini_pad: images are padded to the whole input, whose size is fixed, "
                  "where MMYOLO pads to multiples of 32. In a file exported with --dynamic "
                  "height,width, detect --rect pads to multiples of 32 as MMYOLO does"));
  EXPECT_THAT(RecipeOf(LetterResize(", use_mini_pad=True"), {640, 640, true}).notes,
              ElementsAre("use_mini_pad: images are padded to the whole input by default, where "
                          "MMYOLO pads to multiples of 32. detect --rect pads to multiples of 32 "
                          "as MMYOLO does"));
  EXPECT_THAT(RecipeOf(LetterResize(", use_mini_pad=True"), {640, 640, true, 64}).notes,
              ElementsAre(HasSubstr("multiples of 64, the network's largest stride")));
}

TEST(RecipeTest, ColorTypeSaysWhetherImagesAreTurned) {
  EXPECT_EQ(RecipeOf(Load("color_type='color'")).recipe.orientation, Orientation::kUpright);
  const RecipeReport stored = RecipeOf(Load("color_type='color_ignore_orientation'"));
  EXPECT_EQ(stored.recipe.orientation, Orientation::kAsStored);
  EXPECT_THAT(stored.notes, IsEmpty());
  const RecipeReport unchanged = RecipeOf(Load("color_type='unchanged'"));
  EXPECT_EQ(unchanged.recipe.orientation, Orientation::kAsStored);
  EXPECT_THAT(unchanged.notes,
              ElementsAre("color_type 'unchanged': images with transparency, with one channel or "
                          "with 16 bits are read as 8-bit color, where MMYOLO fails"));
  EXPECT_EQ(PipelineError("[dict(type='LoadImageFromFile', color_type='grayscale')]"),
            "c.py:2:60: 'test_pipeline[0].color_type': networks that take one channel are not "
            "supported\n"
            "test_pipeline = [dict(type='LoadImageFromFile', color_type='grayscale')]\n"
            "                                                           ^\n"
            "hint: the network takes three; with 'color' gray images have three equal channels");
  EXPECT_THAT(PipelineError(Load("color_type='colour'")), HasSubstr("unknown color type 'colour'"));
}

TEST(RecipeTest, OtherDecodersAreNotedOrRefused) {
  EXPECT_THAT(RecipeOf(Load("imdecode_backend='pillow'")).notes,
              ElementsAre(StartsWith("imdecode_backend 'pillow': images are decoded as by 'cv2'")));
  EXPECT_EQ(RecipeOf(Load("imdecode_backend='pillow'")).recipe.orientation, Orientation::kUpright);
  EXPECT_EQ(RecipeOf(Load("imdecode_backend='turbojpeg'")).recipe.orientation,
            Orientation::kAsStored);
  EXPECT_THAT(PipelineError(Load("imdecode_backend='tifffile'")),
              HasSubstr("images decoded by 'tifffile' are not supported"));
  EXPECT_THAT(RecipeOf(Load("to_float32=True")).notes, ElementsAre(StartsWith("to_float32: ")));
}

TEST(RecipeTest, OnlyOpenCvResizes) {
  EXPECT_THAT(PipelineError(Resize("scale=640, backend='pillow'")),
              HasSubstr("only images resized by 'cv2' are supported, not by 'pillow'"));
  EXPECT_EQ(RecipeOf(Resize("scale=640, backend='cv2'")).recipe.enlarge, Interpolation::kBilinear);
  EXPECT_THAT(PipelineError(LetterResize(", interpolation='cubic'")),
              HasSubstr("unknown interpolation 'cubic'"));
}

TEST(RecipeTest, ScaleFactorAloneIsRefused) {
  EXPECT_THAT(PipelineError(Resize("scale_factor=0.5")),
              HasSubstr("the input's size would depend on the image's"));
  EXPECT_THAT(PipelineError("[dict(type='mmdet.Resize', keep_ratio=True)]"),
              HasSubstr("the key 'scale' is missing"));
  EXPECT_THAT(PipelineError(Resize("scale=(640, 640, 3)")),
              HasSubstr("needs a width and a height"));
}

TEST(RecipeTest, SizesThatNoFileStatesAreRefused) {
  constexpr auto kRange = "must be from 1 to 32768 pixels, not ";
  EXPECT_THAT(PipelineError("[dict(type='mmdet.FixShapeResize', width=-640, height=640)]"),
              StartsWith(std::string("c.py:2:58: 'test_pipeline[0].width': ") + kRange + "-640"));
  EXPECT_THAT(PipelineError("[dict(type='mmdet.FixShapeResize', width=640, height=10**15)]"),
              HasSubstr("'test_pipeline[0].height': "));
  EXPECT_THAT(PipelineError(Resize("scale=(640, 10**15)")),
              HasSubstr(std::string(kRange) + "1000000000000000"));
  EXPECT_THAT(PipelineError(Resize("scale=0")), HasSubstr(std::string(kRange) + "0"));
}

TEST(RecipeTest, TransformsThatDoNotGoTogetherAreRefused) {
  EXPECT_THAT(
      PipelineError("[dict(type='Resize', scale=640), dict(type='LetterResize', scale=640)]"),
      HasSubstr("resizes an image that was resized or padded before"));
  EXPECT_THAT(PipelineError("[dict(type='LetterResize', scale=640), dict(type='Pad', size=640)]"),
              HasSubstr("pads an image that was padded before"));
  EXPECT_THAT(PipelineError("[dict(type='Resize', scale=640), dict(type='Pad', "
                            "padding_mode='reflect')]"),
              HasSubstr("only padding by a constant is supported, not by 'reflect'"));
  EXPECT_THAT(PipelineError("[dict(type='RandomFlip', prob=0.5)]"),
              HasSubstr("flips images, and detections with them: only 0 is supported"));
  EXPECT_THAT(PipelineError("[dict(type='YOLOv5KeepRatioResize', scale=640, keep_ratio=False)]"),
              HasSubstr("must be True: MMYOLO accepts nothing else"));
}

TEST(RecipeTest, AugmentationIsReducedToItsPlainBranch) {
  const RecipeReport report = RecipeOf(
      "[dict(type='TestTimeAug', transforms=[[dict(type='Compose', transforms=["
      "dict(type='YOLOv5KeepRatioResize', scale=(640, 640)), "
      "dict(type='LetterResize', scale=(640, 640), pad_val=dict(img=114))])], "
      "[dict(type='mmdet.RandomFlip', prob=1.), dict(type='mmdet.RandomFlip', prob=0.)]])]");
  EXPECT_THAT(report.notes,
              ElementsAre("test-time augmentation is reduced to its first, plain branch"));
  EXPECT_THAT(report.recipe.pad_value, ElementsAre(114, 114, 114));
  EXPECT_EQ(report.recipe.rounding, Rounding::kTruncate);
}

// As mmdet's get_test_pipeline_cfg() finds it.
TEST(RecipeTest, ThePipelineIsThatOfTheFirstDataset) {
  const auto padding = [](const std::string& loader) {
    const auto letter = [](int pad) {
      return "[dict(type='LetterResize', scale=640, pad_val=" + std::to_string(pad) + ")]";
    };
    const Config config =
        Config::FromText("model = dict()\nfirst = dict(type='A', pipeline=" + letter(1) +
                             ")\nsecond = dict(type='B', pipeline=" + letter(2) +
                             ")\ntest_pipeline = " + letter(3) + "\ntest_dataloader = " + loader,
                         "c.py");
    return ReadRecipe(config.root(), config.root()["model"], kSquare).recipe.pad_value[0];
  };
  EXPECT_EQ(padding("dict(dataset=first)"), 1);
  EXPECT_EQ(padding("dict(dataset=dict(type='RepeatDataset', times=1, dataset=second))"), 2);
  const std::string both = "dict(type='ConcatDataset', datasets=[first, second])";
  EXPECT_EQ(padding("dict(dataset=" + both + ")"), 1);
  EXPECT_EQ(padding("dict(dataset=dict(type='RepeatDataset', dataset=" + both + "))"), 1);
  EXPECT_EQ(padding("dict(dataset=dict(type='ConcatDataset', datasets=[]))"), 3);
  EXPECT_EQ(padding("[dict(dataset=second), dict(dataset=first)]"), 2);
  EXPECT_EQ(padding("[]"), 3);
}

TEST(RecipeTest, DatasetsThatDoNotCountAreNoted) {
  const auto notes = [](const std::string& dataset) {
    const Config config =
        Config::FromText("model = dict()\ntest_dataloader = dict(dataset=" + dataset +
                             ")\ntest_pipeline = " + LetterResize(""),
                         "c.py");
    return ReadRecipe(config.root(), config.root()["model"], kSquare).notes;
  };
  EXPECT_THAT(notes("dict(type='ConcatDataset', datasets=[dict(), dict(), dict()])"),
              ElementsAre(HasSubstr("test_dataloader.dataset.datasets: the first of these 3")));
  EXPECT_THAT(
      notes("dict(dataset=dict(datasets=[dict(), dict()]))"),
      ElementsAre(HasSubstr("test_dataloader.dataset.dataset.datasets: the first of these 2")));
  EXPECT_THAT(notes("dict(datasets=[dict()])"), IsEmpty());
  EXPECT_THAT(notes("dict()"), IsEmpty());
}

// mmdet.Resize turns its scale with the image.
TEST(RecipeTest, LongAndShortEdgeArePartOfAnInputThatHoldsBoth) {
  const std::string pipeline = Resize("scale=(640, 384)");
  for (const ExportedInput& input : {kSquare, kAnySize}) {
    const RecipeReport report = RecipeOf(pipeline, input);
    EXPECT_EQ(report.recipe.long_edge, 640);
    EXPECT_EQ(report.recipe.short_edge, 384);
    EXPECT_EQ(report.notes.empty(), input.is_dynamic);  // a fixed input is padded to all of it
  }
  // A scale as mmdet's configs state it, in an input of whole strides.
  const RecipeReport report = RecipeOf(Resize("scale=(1333, 800)"), {800, 1344, true});
  EXPECT_EQ(report.recipe.long_edge, 1333);
  EXPECT_EQ(report.recipe.short_edge, 800);
}

// mmdet.Pad's size stays as it is when the scale turns.
TEST(RecipeTest, AnInputThatTurnsIsPaddedAsTheConfigAsks) {
  const auto padded = [](const std::string& pad, const ExportedInput& input = kAnySize) {
    return RecipeOf(
        "[dict(type='mmdet.Resize', keep_ratio=True, scale=(640, 384)), "
        "dict(type='mmdet.Pad', " +
            pad + ")]",
        input);
  };
  EXPECT_EQ(padded("size=(640, 384)").recipe.pad_to, PadTo::kInput);
  EXPECT_EQ(padded("size=(640, 640)", {640, 640, true}).recipe.pad_to, PadTo::kInput);
  EXPECT_EQ(padded("size=(640, 640)").recipe.pad_to,
            PadTo::kStride);  // another size, which is noted
  EXPECT_EQ(padded("pad_to_square=True").recipe.pad_to, PadTo::kSquare);
  EXPECT_EQ(padded("size_divisor=32").recipe.pad_to, PadTo::kStride);
  EXPECT_THAT(padded("size_divisor=32").notes, IsEmpty());
  EXPECT_THAT(padded("size_divisor=64").notes,
              ElementsAre("the config pads images to multiples of 64 (Pad's size_divisor); inputs "
                          "that turn with the image are padded to multiples of 32, the network's "
                          "largest stride"));
  // An input of fixed size is padded to that.
  EXPECT_EQ(padded("size=(640, 640)", kSquare).recipe.pad_to, PadTo::kStride);
  EXPECT_EQ(padded("pad_to_square=True", kSquare).recipe.pad_to, PadTo::kStride);
  // LetterResize's scale does not turn, and neither does the input.
  const ImageRecipe letter =
      RecipeOf(
          "[dict(type='YOLOv5KeepRatioResize', scale=(640, 384)), dict(type='LetterResize', "
          "scale=(640, 640))]",
          {640, 640, true})
          .recipe;
  EXPECT_EQ(letter.short_edge, 384);
  EXPECT_FALSE(letter.turns());
}

TEST(RecipeTest, AnInputForOneOrientationIsNoted) {
  EXPECT_THAT(RecipeOf(Resize("scale=(640, 384)"), kWide).notes,
              ElementsAre("the config resizes upright images to 384 x 640 (width x height), which "
                          "the input of 640 x 384 does not hold: they become smaller than in "
                          "MMYOLO. --img-size 384 640 --dynamic height,width gives MMYOLO's "
                          "size"));
  EXPECT_THAT(RecipeOf(Resize("scale=(640, 384)"), {640, 384}).notes,
              ElementsAre(StartsWith("the config resizes wide images to 640 x 384")));
}

TEST(RecipeTest, PaddingToLessThanTheInputIsNoted) {
  const auto padded = [](const std::string& scale, const std::string& pad,
                         const ExportedInput& input) {
    return RecipeOf("[dict(type='mmdet.Resize', keep_ratio=True, scale=" + scale +
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

TEST(RecipeTest, OtherInputsReplaceTheScale) {
  const RecipeReport report = RecipeOf(Resize("scale=(1333, 800)"));
  EXPECT_EQ(report.recipe.long_edge, 0);
  EXPECT_THAT(report.notes,
              ElementsAre("the config resizes images to 800 1333 (height, width), which the "
                          "network's stride of 32 does not divide: --img-size 800 1344 is nearest, "
                          "not 640 640"));
  EXPECT_THAT(RecipeOf(LetterResize(""), {1280, 1280}).notes,
              ElementsAre("the config tests its network at --img-size 640 640, not 1280 1280"));
  EXPECT_THAT(RecipeOf("[dict(type='FixShapeResize', width=640, height=640)]").notes, IsEmpty());
}

TEST(RecipeTest, AScaleWithinALargerCanvasStays) {
  const RecipeReport report = RecipeOf(
      "[dict(type='YOLOv5KeepRatioResize', scale=512), dict(type='LetterResize', scale=640, "
      "allow_scale_up=False)]");
  EXPECT_EQ(report.recipe.long_edge, 512);
  EXPECT_EQ(report.recipe.short_edge, 512);
  EXPECT_THAT(report.notes, IsEmpty());
}

// mmcv's Pad never shrinks.
TEST(RecipeTest, APadThatHoldsNoResizedImageDoesNotCount) {
  const auto padded = [](const std::string& size, const ExportedInput& input) {
    return RecipeOf(
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

TEST(RecipeTest, StretchedImagesAreNotPadded) {
  const auto padded = [](const std::string& arguments) {
    return "[dict(type='Resize', scale=(640, 320), keep_ratio=False), dict(type='Pad', " +
           arguments + ")]";
  };
  EXPECT_THAT(RecipeOf(padded("size=(320, 320)"), {320, 640}).notes, IsEmpty());
  EXPECT_THAT(RecipeOf(padded("size_divisor=32"), {320, 640}).notes, IsEmpty());
  for (const char* arguments : {"size=640", "size_divisor=100", "pad_to_square=True"}) {
    EXPECT_THAT(PipelineError(padded(arguments)),
                HasSubstr("pads an image that was stretched, which is not supported"));
  }
}

TEST(RecipeTest, TheSizeToExportIsAMultipleOfPreprocessorAndStride) {
  const auto report = [](const ExportedInput& input) {
    const Config config = Config::FromText(
        "model = dict(data_preprocessor=dict(type='DetDataPreprocessor', pad_size_divisor=64))\n"
        "test_pipeline = [dict(type='mmdet.Resize', scale=(1300, 1300), keep_ratio=True)]",
        "c.py");
    return ReadRecipe(config.root(), config.root()["model"], input);
  };
  EXPECT_THAT(report(kSquare).notes, ElementsAre(HasSubstr("--img-size 1344 1344 is nearest")));
  EXPECT_THAT(report({1344, 1344}).notes, ElementsAre(HasSubstr("does not pad every image")));
  EXPECT_EQ(report({1344, 1344}).recipe.long_edge, 1300);
}

// MMYOLO resizes twice: LetterResize shrinks what YOLOv5KeepRatioResize left too large.
TEST(RecipeTest, AScaleBeyondTheCanvasStays) {
  const std::string pipeline =
      "[dict(type='YOLOv5KeepRatioResize', scale=(1280, 1280)), dict(type='LetterResize', "
      "scale=(640, 640), allow_scale_up=False, pad_val=dict(img=114))]";
  const RecipeReport report = RecipeOf(pipeline);
  EXPECT_EQ(report.recipe.long_edge, 1280);
  EXPECT_EQ(report.recipe.short_edge, 1280);
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_EQ(RecipeOf(pipeline, {320, 320}).recipe.long_edge, 0);  // noted
  EXPECT_THAT(RecipeOf("[dict(type='YOLOv5KeepRatioResize', scale=640), "
                       "dict(type='LetterResize', scale=640, stretch_only=True)]")
                  .notes,
              ElementsAre(HasSubstr("MMYOLO resizes twice")));
}

TEST(RecipeTest, WithoutATransformThatPadsThePreprocessorDoes) {
  const ImageRecipe recipe = PreprocessedBy(
                                 "dict(type='DetDataPreprocessor', mean=[1, 2, 3], std=[4, 5, 6], "
                                 "bgr_to_rgb=True, pad_value=0.5, pad_size_divisor=32)")
                                 .recipe;
  EXPECT_EQ(recipe.pad_domain, PadDomain::kInput);
  EXPECT_THAT(recipe.pad_value, ElementsAre(0.5, 0.5, 0.5));
  EXPECT_EQ(recipe.pad_side, PadSide::kRightBottom);
  EXPECT_THAT(recipe.mean, ElementsAre(1, 2, 3));
  EXPECT_THAT(recipe.std, ElementsAre(4, 5, 6));
  EXPECT_TRUE(recipe.rgb);
  EXPECT_EQ(RecipeOf("[dict(type='Resize', scale=640, keep_ratio=True), dict(type='Pad', size=640, "
                     "pad_val=dict(img=114))]")
                .recipe.pad_domain,
            PadDomain::kPixel);
}

TEST(RecipeTest, KeysOfThePreprocessor) {
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

TEST(RecipeTest, PreprocessorsThatMmengineRefusesAreRefused) {
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
TEST(RecipeTest, PaddingThatIsNotThePipelinesIsNoted) {
  const auto notes = [](const std::string& pad, const std::string& pad_value) {
    const Config config = Config::FromText(
        "model = dict(data_preprocessor=dict(type='DetDataPreprocessor', mean=[0, 0, 0], "
        "std=[255, 255, 255], pad_size_divisor=32, pad_value=" +
            pad_value +
            "))\ntest_pipeline = [dict(type='Resize', scale=(640, 640), keep_ratio=True), "
            "dict(type='Pad', pad_val=dict(img=51), " +
            pad + ")]",
        "c.py");
    std::vector<std::string> all = ReadRecipe(config.root(), config.root()["model"], kSquare).notes;
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
}  // namespace yoloport
