#include "sources/mmengine/preprocess.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sources/mmengine/test_configs.h"

namespace yoloport::sources::mmengine {
namespace {

using config::Config;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(PreprocessTest, PadValueIsSpreadAsMmyoloDoes) {
  const auto pad = [](const std::string& value) {
    return PreprocessOf(LetterResize(", pad_val=" + value)).preprocess.pad_value;
  };
  EXPECT_THAT(pad("dict(img=114)"), ElementsAre(114, 114, 114));
  EXPECT_THAT(pad("dict(img=(1, 2, 3))"), ElementsAre(1, 2, 3));
  EXPECT_THAT(pad("dict(seg=255)"), ElementsAre(0, 0, 0));
  // A float is not spread: OpenCV takes it as the scalar (114, 0, 0).
  EXPECT_THAT(pad("dict(img=114.0)"), ElementsAre(114, 0, 0));
}

TEST(PreprocessTest, PadValueOfTwoChannelsIsRefused) {
  EXPECT_EQ(PipelineError(LetterResize(", pad_val=dict(img=(1, 2))")),
            "c.py:2:79: 'test_pipeline[0].pad_val.img': needs one number or three\n"
            "...LetterResize', scale=(640, 640), pad_val=dict(img=(1, 2)))]\n"
            "                                                     ^");
}

TEST(PreprocessTest, PadValueOfUnknownKeysIsRefused) {
  EXPECT_THAT(
      PipelineError(LetterResize(", pad_val=dict(imag=30)")),
      AllOf(StartsWith("c.py:2:80: 'test_pipeline[0].pad_val.imag': is not a known argument "
                       "of pad_val"),
            HasSubstr("did you mean img?")));
}

TEST(PreprocessTest, PadValueIsAPixel) {
  EXPECT_THAT(PipelineError(LetterResize(", pad_val=256")), HasSubstr("must be from 0 to 255"));
  EXPECT_THAT(PipelineError(LetterResize(", pad_val=-1")), HasSubstr("must be from 0 to 255"));
}

TEST(PreprocessTest, WhatIsRemovedAndNotReadIsNotNoted) {
  const std::string pipeline =
      "[dict(type='LoadImageFromFile'), dict(type='LetterResize', "
      "scale=640), dict(type='RemoveDataElement', keys='gt_bboxes')]";
  EXPECT_THAT(PreprocessOf(pipeline).notes, testing::IsEmpty());
}

// The last transform that loads an image decides how it is read.
TEST(PreprocessTest, AnImageMayBeLoadedTwiceBeforeItIsResized) {
  const auto report = PreprocessOf(
      "[dict(type='LoadImageFromFile', color_type='color_ignore_orientation'), "
      "dict(type='LoadImageFromFile'), dict(type='LetterResize', scale=640)]");
  EXPECT_EQ(report.preprocess.orientation, Orientation::kUpright);
}

TEST(PreprocessTest, StretchingPipelineKeepsNoRatio) {
  const auto report = PreprocessOf(
      "[dict(type='mmdet.FixShapeResize', width=640, height=640, keep_ratio=False, "
      "interpolation='bicubic')]");
  EXPECT_EQ(report.preprocess.resize, ResizeKind::kStretch);
  EXPECT_EQ(report.preprocess.enlarge, Interpolation::kBicubic);
  EXPECT_EQ(PreprocessOf(LetterResize(", stretch_only=True")).preprocess.resize,
            ResizeKind::kStretch);
}

TEST(PreprocessTest, UnknownTransformsAreRefusedWithTheNearest) {
  EXPECT_EQ(
      PipelineError("[dict(type='LeterResize')]"),
      "c.py:2:28: 'test_pipeline[0].type': the test pipeline's transform 'LeterResize' is "
      "not known\n"
      "test_pipeline = [dict(type='LeterResize')]\n"
      "                           ^\n"
      "hint: did you mean LetterResize? known are Compose, TestTimeAug, TransformBroadcaster, "
      "LoadImageFromFile, LoadImageFromNDArray, YOLOv5KeepRatioResize, LetterResize, Resize, "
      "FixShapeResize, Pad, RandomFlip, LoadAnnotations, LoadTrackAnnotations, "
      "PackDetInputs, PackTrackInputs, RemoveDataElement");
}

// As MMDetection's trackers read images.
TEST(PreprocessTest, TransformsOfTracking) {
  const PreprocessReport report = PreprocessOf(
      "[dict(type='TransformBroadcaster', share_random_params=True, transforms=["
      "dict(type='LoadImageFromFile'), dict(type='Resize', scale=(640, 640), keep_ratio=True), "
      "dict(type='Pad', size=(640, 640), pad_val=dict(img=(114.0, 114.0, 114.0))), "
      "dict(type='LoadTrackAnnotations')]), dict(type='PackTrackInputs', meta_keys=('x', ))]");
  EXPECT_EQ(report.preprocess.rounding, Rounding::kHalfUp);
  EXPECT_EQ(report.preprocess.pad_value[0], 114);
  EXPECT_TRUE(report.notes.empty());
}

TEST(PreprocessTest, UnknownArgumentsAreRefusedWithTheNearest) {
  EXPECT_EQ(PipelineError(Resize("scale=(640, 640), interpolaton='area'")),
            "c.py:2:92: 'test_pipeline[0].interpolaton': is not a known argument of Resize\n"
            "..., keep_ratio=True, scale=(640, 640), interpolaton='area')]\n"
            "                                                     ^\n"
            "hint: did you mean interpolation? known are scale, scale_factor, keep_ratio, "
            "interpolation, backend, clip_object_border");
}

TEST(PreprocessTest, ArgumentsThatDoNotTouchPixelsAreHarmless) {
  EXPECT_THAT(PreprocessOf(Load("backend_args=None, ignore_empty=True")).notes, IsEmpty());
  EXPECT_THAT(PreprocessOf(LetterResize(", clip_object_border=False")).notes, IsEmpty());
  EXPECT_THAT(PreprocessOf("[dict(type='LoadAnnotations', with_bbox=True, anything=1), "
                           "dict(type='LetterResize', scale=640), dict(type='mmdet.RandomFlip', "
                           "prob=0.0), dict(type='mmdet.PackDetInputs', "
                           "meta_keys=('a', 'ori_shape', 'scale_factor', 'pad_param'))]")
                  .notes,
              IsEmpty());
}

TEST(PreprocessTest, FlipsThatNeverHappenAreHarmless) {
  const auto flip = [](const std::string& arguments) {
    return "[dict(type='LetterResize', scale=640), dict(type='RandomFlip', " + arguments + ")]";
  };
  for (const char* never : {"prob=0.0", "prob=0",
                            "prob=[0.0, 0.0], direction=['horizontal', "
                            "'vertical']"}) {
    EXPECT_THAT(PreprocessOf(flip(never)).notes, IsEmpty()) << never;
  }
  for (const char* sometimes : {"prob=0.5", "prob=[0.0, 0.5]", "prob=None"}) {
    EXPECT_THAT(PipelineError(flip(sometimes)), HasSubstr("flips images")) << sometimes;
  }
}

// As a checkpoint carries the pipeline of a lazy config.
TEST(PreprocessTest, TheLastComponentOfATypeDecides) {
  const PreprocessReport report = PreprocessOf(
      "[dict(type='mmcv.transforms.loading.LoadImageFromFile', backend_args=None), "
      "dict(type='mmyolo.datasets.transforms.transforms.YOLOv5KeepRatioResize', scale=(640, 640)), "
      "dict(type='mmyolo.datasets.transforms.transforms.LetterResize', scale=(640, 640), "
      "allow_scale_up=False, pad_val=dict(img=114)), "
      "dict(type='mmdet.datasets.transforms.formatting.PackDetInputs', "
      "meta_keys=('ori_shape', 'scale_factor', 'pad_param'))]");
  EXPECT_THAT(report.notes, IsEmpty());
  EXPECT_EQ(report.preprocess.rounding, Rounding::kTruncate);
  EXPECT_EQ(report.preprocess.pad_value[0], 114);
}

// MMYOLO's heads map boxes back with these.
TEST(PreprocessTest, PackedKeysThatMmyoloMissesAreNoted) {
  const auto notes = [](const std::string& pack, const std::string& resize = "'LetterResize'") {
    return PreprocessOf("[dict(type=" + resize + ", scale=640), dict(type='mmdet.PackDetInputs'" +
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

TEST(PreprocessTest, MmcvsAndMmenginesTransformsAreKnown) {
  const PreprocessReport report = PreprocessOf(
      "[dict(type='mmcv.LoadImageFromFile'), dict(type='mmengine.Resize', scale=(640, 320))]",
      {320, 640});
  EXPECT_EQ(report.preprocess.resize, ResizeKind::kStretch);
  EXPECT_THAT(report.notes, IsEmpty());
}

TEST(PreprocessTest, MiniPaddingIsDetectsToDo) {
  EXPECT_THAT(
      PreprocessOf(LetterResize(", use_mini_pad=True")).notes,
      ElementsAre("use_mini_pad: images are padded to the whole input, whose size is fixed, "
                  "where MMYOLO pads to multiples of 32. In a file exported with --dynamic "
                  "height,width, detect --rect pads to multiples of 32 as MMYOLO does"));
  EXPECT_THAT(PreprocessOf(LetterResize(", use_mini_pad=True"), {640, 640, true}).notes,
              ElementsAre("use_mini_pad: images are padded to the whole input by default, where "
                          "MMYOLO pads to multiples of 32. detect --rect pads to multiples of 32 "
                          "as MMYOLO does"));
  EXPECT_THAT(PreprocessOf(LetterResize(", use_mini_pad=True"), {640, 640, true, 64}).notes,
              ElementsAre(HasSubstr("multiples of 64, the network's largest stride")));
}

TEST(PreprocessTest, ColorTypeSaysWhetherImagesAreTurned) {
  EXPECT_EQ(PreprocessOf(Load("color_type='color'")).preprocess.orientation, Orientation::kUpright);
  const PreprocessReport stored = PreprocessOf(Load("color_type='color_ignore_orientation'"));
  EXPECT_EQ(stored.preprocess.orientation, Orientation::kAsStored);
  EXPECT_THAT(stored.notes, IsEmpty());
  const PreprocessReport unchanged = PreprocessOf(Load("color_type='unchanged'"));
  EXPECT_EQ(unchanged.preprocess.orientation, Orientation::kAsStored);
  EXPECT_THAT(unchanged.notes,
              ElementsAre("color_type 'unchanged': images with transparency, with one channel or "
                          "with 16 bits are read as 8-bit color, where MMYOLO fails"));
  EXPECT_EQ(PreprocessOf(Load("color_type='color'")).preprocess.channels, 3);
  const PreprocessReport gray = PreprocessOf(Load("color_type='grayscale'"));
  EXPECT_EQ(gray.preprocess.channels, 1);
  EXPECT_EQ(gray.preprocess.orientation, Orientation::kUpright);
  EXPECT_THAT(gray.notes, ElementsAre(StartsWith("color_type 'grayscale': images are read in color "
                                                 "and made gray")));
  EXPECT_EQ(PreprocessOf(Load("color_type='grayscale_ignore_orientation'")).preprocess.orientation,
            Orientation::kAsStored);
  EXPECT_THAT(PipelineError(Load("color_type='colour'")), HasSubstr("unknown color type 'colour'"));
}

TEST(PreprocessTest, OtherDecodersAreNotedOrRefused) {
  EXPECT_THAT(PreprocessOf(Load("imdecode_backend='pillow'")).notes,
              ElementsAre(StartsWith("imdecode_backend 'pillow': images are decoded as by 'cv2'")));
  EXPECT_EQ(PreprocessOf(Load("imdecode_backend='pillow'")).preprocess.orientation,
            Orientation::kUpright);
  EXPECT_EQ(PreprocessOf(Load("imdecode_backend='turbojpeg'")).preprocess.orientation,
            Orientation::kAsStored);
  EXPECT_THAT(PipelineError(Load("imdecode_backend='tifffile'")),
              HasSubstr("images decoded by 'tifffile' are not supported"));
  EXPECT_THAT(PreprocessOf(Load("to_float32=True")).notes, ElementsAre(StartsWith("to_float32: ")));
}

TEST(PreprocessTest, OnlyOpenCvResizes) {
  EXPECT_THAT(PipelineError(Resize("scale=640, backend='pillow'")),
              HasSubstr("only images resized by 'cv2' are supported, not by 'pillow'"));
  EXPECT_EQ(PreprocessOf(Resize("scale=640, backend='cv2'")).preprocess.enlarge,
            Interpolation::kBilinear);
  EXPECT_THAT(PipelineError(LetterResize(", interpolation='cubic'")),
              HasSubstr("unknown interpolation 'cubic'"));
}

TEST(PreprocessTest, ScaleFactorAloneIsRefused) {
  EXPECT_THAT(PipelineError(Resize("scale_factor=0.5")),
              HasSubstr("the input's size would depend on the image's"));
  EXPECT_THAT(PipelineError("[dict(type='mmdet.Resize', keep_ratio=True)]"),
              HasSubstr("the key 'scale' is missing"));
  EXPECT_THAT(PipelineError(Resize("scale=(640, 640, 3)")),
              HasSubstr("needs a width and a height"));
}

TEST(PreprocessTest, SizesThatNoFileStatesAreRefused) {
  constexpr auto kRange = "must be from 1 to 32768 pixels, not ";
  EXPECT_THAT(PipelineError("[dict(type='mmdet.FixShapeResize', width=-640, height=640)]"),
              StartsWith(std::string("c.py:2:58: 'test_pipeline[0].width': ") + kRange + "-640"));
  EXPECT_THAT(PipelineError("[dict(type='mmdet.FixShapeResize', width=640, height=10**15)]"),
              HasSubstr("'test_pipeline[0].height': "));
  EXPECT_THAT(PipelineError(Resize("scale=(640, 10**15)")),
              HasSubstr(std::string(kRange) + "1000000000000000"));
  EXPECT_THAT(PipelineError(Resize("scale=0")), HasSubstr(std::string(kRange) + "0"));
}

TEST(PreprocessTest, TransformsThatDoNotGoTogetherAreRefused) {
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

TEST(PreprocessTest, AugmentationIsReducedToItsPlainBranch) {
  const PreprocessReport report = PreprocessOf(
      "[dict(type='TestTimeAug', transforms=[[dict(type='Compose', transforms=["
      "dict(type='YOLOv5KeepRatioResize', scale=(640, 640)), "
      "dict(type='LetterResize', scale=(640, 640), pad_val=dict(img=114))])], "
      "[dict(type='mmdet.RandomFlip', prob=1.), dict(type='mmdet.RandomFlip', prob=0.)]])]");
  EXPECT_THAT(report.notes,
              ElementsAre("test-time augmentation is reduced to its first, plain branch"));
  EXPECT_THAT(report.preprocess.pad_value, ElementsAre(114, 114, 114));
  EXPECT_EQ(report.preprocess.rounding, Rounding::kTruncate);
}

// As mmdet's get_test_pipeline_cfg() finds it.
TEST(PreprocessTest, ThePipelineIsThatOfTheFirstDataset) {
  const auto padding = [](const std::string& loader) {
    const auto letter = [](int pad) {
      return "[dict(type='LetterResize', scale=640, pad_val=" + std::to_string(pad) + ")]";
    };
    const Config config =
        Config::FromText("model = dict()\nfirst = dict(type='A', pipeline=" + letter(1) +
                             ")\nsecond = dict(type='B', pipeline=" + letter(2) +
                             ")\ntest_pipeline = " + letter(3) + "\ntest_dataloader = " + loader,
                         "c.py");
    return ReadPreprocess("MMYOLO", config.root(), config.root()["model"], kSquare)
        .preprocess.pad_value[0];
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

TEST(PreprocessTest, DatasetsThatDoNotCountAreNoted) {
  const auto notes = [](const std::string& dataset) {
    const Config config =
        Config::FromText("model = dict()\ntest_dataloader = dict(dataset=" + dataset +
                             ")\ntest_pipeline = " + LetterResize(""),
                         "c.py");
    return ReadPreprocess("MMYOLO", config.root(), config.root()["model"], kSquare).notes;
  };
  EXPECT_THAT(notes("dict(type='ConcatDataset', datasets=[dict(), dict(), dict()])"),
              ElementsAre(HasSubstr("test_dataloader.dataset.datasets: the first of these 3")));
  EXPECT_THAT(
      notes("dict(dataset=dict(datasets=[dict(), dict()]))"),
      ElementsAre(HasSubstr("test_dataloader.dataset.dataset.datasets: the first of these 2")));
  EXPECT_THAT(notes("dict(datasets=[dict()])"), IsEmpty());
  EXPECT_THAT(notes("dict()"), IsEmpty());
}

}  // namespace
}  // namespace yoloport::sources::mmengine
