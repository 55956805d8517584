// What is told of a YOLOX from keys and shapes, and what of them is refused. What networks compute
// is compared with recordings: testdata/original/yolox_*.
#include "sources/yolox/yolox.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "sources/yolox/network.h"
#include "testing/files/checkpoint_files.h"
#include "yoloport/error.h"

namespace yoloport::sources::yolox {
namespace {

using checkpoint::Checkpoint;
using test_support::NamedFloats;
using test_support::TemporaryFile;
using test_support::TorchFloats;
using testing::ElementsAre;
using testing::HasSubstr;

NamedFloats Zeros(const std::string& key, const std::vector<std::int64_t>& shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return {key, shape, std::vector<float>(static_cast<std::size_t>(count), 0.0F)};
}

// The keys by which a network of these is told.
std::vector<NamedFloats> Keys(std::int64_t stem, std::int64_t classes) {
  return {Zeros("backbone.backbone.stem.conv.conv.weight", {stem, 12, 3, 3}),
          Zeros("head.cls_preds.0.weight", {classes, 4 * stem, 1, 1}),
          Zeros("head.obj_preds.0.weight", {1, 4 * stem, 1, 1})};
}

Checkpoint Open(const std::vector<NamedFloats>& tensors) {
  const TemporaryFile file(TorchFloats(tensors), "yolox.pth");
  return Checkpoint::Open(file.path());
}

std::unique_ptr<ModelSource> Opened(const ExportOptions& options, const Checkpoint& checkpoint) {
  std::vector<std::string> notes;
  return OpenYolox(options, checkpoint, notes);
}

TEST(YoloxTest, TheNetworkIsToldFromKeysAndShapes) {
  const Network nano = ReadNetwork(Checkpoint::Open("testdata/original/yolox_nano/checkpoint.pth"));
  EXPECT_EQ(nano.stem_channels, 2);
  EXPECT_THAT(nano.stage_blocks, ElementsAre(1, 3, 3, 1));
  EXPECT_EQ(nano.neck_blocks, 1);
  EXPECT_EQ(nano.feat_channels, 8);
  EXPECT_EQ(nano.num_classes, 5);
  EXPECT_TRUE(nano.depthwise);
  const Network s = ReadNetwork(Checkpoint::Open("testdata/original/yolox_s/checkpoint.pth"));
  EXPECT_FALSE(s.depthwise);
  EXPECT_EQ(SizeName(s), "YOLOX of width 0.03125");
}

// Widths, depths and test sizes of exps/default.
TEST(YoloxTest, SizesOfTheRepository) {
  const auto named = [](std::int64_t stem, std::int64_t blocks, bool depthwise) {
    Network network;
    network.stem_channels = stem;
    network.neck_blocks = blocks;
    network.depthwise = depthwise;
    return SizeName(network) + " " + std::to_string(TestSide(network));
  };
  EXPECT_EQ(named(16, 1, true), "YOLOX-nano 416");
  EXPECT_EQ(named(24, 1, false), "YOLOX-tiny 416");
  EXPECT_EQ(named(32, 1, false), "YOLOX-s 640");
  EXPECT_EQ(named(48, 2, false), "YOLOX-m 640");
  EXPECT_EQ(named(64, 3, false), "YOLOX-l 640");
  EXPECT_EQ(named(80, 4, false), "YOLOX-x 640");
  EXPECT_EQ(named(16, 1, false), "YOLOX of width 0.25 640");
}

TEST(YoloxTest, PreprocessingOfValTransform) {
  const Checkpoint checkpoint = Checkpoint::Open("testdata/original/yolox_s/checkpoint.pth");
  ExportOptions options;
  Preprocess preprocess = Opened(options, checkpoint)->PreprocessFor({416, 640}).preprocess;
  EXPECT_EQ(preprocess.height, 416);
  EXPECT_EQ(preprocess.width, 640);
  EXPECT_FALSE(preprocess.rgb);
  EXPECT_TRUE(preprocess.one_scale);
  EXPECT_EQ(preprocess.rounding, Rounding::kDown);
  EXPECT_EQ(preprocess.pad_side, PadSide::kRightBottom);
  EXPECT_THAT(preprocess.mean, ElementsAre(0, 0, 0));
  EXPECT_THAT(preprocess.std, ElementsAre(1, 1, 1));
  options.legacy = true;
  preprocess = Opened(options, checkpoint)->PreprocessFor({416, 640}).preprocess;
  EXPECT_TRUE(preprocess.rgb);
  EXPECT_NEAR(preprocess.mean[0], 123.675, 1e-4);
  EXPECT_NEAR(preprocess.std[2], 57.375, 1e-4);
}

TEST(YoloxTest, ThresholdsOfItsExp) {
  const auto source = Opened({}, Checkpoint::Open("testdata/original/yolox_s/checkpoint.pth"));
  ExportOptions options;
  bool multi_label = true;
  EXPECT_THAT(source->TakeThresholds(options, multi_label),
              ElementsAre("--score-threshold 0.25 -> 0.01 (YOLOX's Exp)",
                          "--pre-topk 1000 -> 1048576 (YOLOX's Exp)",
                          "--keep-topk 100 -> 1000 (YOLOX's Exp)",
                          "YOLOX keeps all detections of an image, the file the best 1000"));
  EXPECT_FALSE(multi_label);
  EXPECT_FALSE(source->DefaultSelection().multi_label);
  EXPECT_EQ(options.iou_threshold, 0.65);
}

TEST(YoloxTest, EightyClassesAreThoseOfCoco) {
  const auto source = Opened({}, Open(Keys(2, 80)));
  EXPECT_EQ(source->ClassNames(80).at(79), "toothbrush");
  EXPECT_TRUE(source->ClassNames(5).empty());
}

class YoloxErrorTest : public testing::Test {
 protected:
  // What reading and building the network of these keys ends with, without the file's name.
  static std::string Error(const std::vector<NamedFloats>& tensors) { return Error(Open(tensors)); }
  static std::string Error(const Checkpoint& checkpoint) {
    try {
      const Network network = ReadNetwork(checkpoint);
      graph::Graph graph(13);
      const checkpoint::Weights weights(checkpoint);
      BuildNetwork(network, weights, graph.Input("images", tensor::DType::kFloat32, {1, 3, 64, 64}),
                   graph::kRawHead);
      weights.Finish();
    } catch (const CheckpointError& error) {
      const std::string& message = error.message();
      return message.substr(message.find("': ") + 3);
    }
    return "no error";
  }
};

TEST_F(YoloxErrorTest, KeysThatTellTheNetwork) {
  EXPECT_EQ(Error({Keys(2, 5)[1], Keys(2, 5)[2]}),
            "a YOLOX without 'backbone.backbone.stem.conv.conv.weight'");
  std::vector<NamedFloats> keys = Keys(2, 5);
  keys[0] = Zeros("backbone.backbone.stem.conv.conv.weight", {24});
  EXPECT_EQ(Error(keys),
            "'backbone.backbone.stem.conv.conv.weight' has the shape 24, which no convolution of "
            "YOLOX has");
  keys[0] = Zeros("backbone.backbone.stem.conv.conv.weight", {0, 12, 3, 3});
  EXPECT_THAT(Error(keys), HasSubstr("has the shape 0x12x3x3, which no convolution of YOLOX has"));
}

TEST_F(YoloxErrorTest, WholeCheckpointsHaveNone) {
  EXPECT_EQ(Error(Checkpoint::Open("testdata/original/yolox_nano/checkpoint.pth")), "no error");
  EXPECT_EQ(Error(Checkpoint::Open("testdata/original/yolox_s/checkpoint.pth")), "no error");
}

TEST_F(YoloxErrorTest, TheBackboneOfYolov3) {
  std::vector<NamedFloats> keys = Keys(2, 5);
  keys[0] = Zeros("backbone.backbone.stem.0.conv.weight", {32, 3, 3, 3});
  EXPECT_EQ(Error(keys), "a YOLOX with the backbone of YOLOv3 (Darknet53), which is not supported");
}

// All others are missing.
TEST_F(YoloxErrorTest, MissingKeys) {
  EXPECT_THAT(Error(Keys(2, 5)), HasSubstr("backbone.backbone.stem.conv.bn.weight"));
}

// Which costs neither time nor memory: blocks are counted from 0 on.
TEST_F(YoloxErrorTest, AbsurdNumbersOfBlocks) {
  std::vector<NamedFloats> keys = Keys(2, 5);
  keys.push_back(Zeros("backbone.backbone.dark3.1.m.999999999.conv1.conv.weight", {1, 1, 1, 1}));
  keys.push_back(Zeros("backbone.C3_p4.m.18446744073709551617.conv1.conv.weight", {1, 1, 1, 1}));
  EXPECT_THAT(Error(keys), HasSubstr("345 missing\n"));
}

// A width that asks for weights of GiBs.
TEST_F(YoloxErrorTest, AbsurdWidths) {
  std::vector<NamedFloats> keys = Keys(2, 5);
  keys[0] = Zeros("backbone.backbone.stem.conv.conv.weight", {65536, 12, 1, 1});
  EXPECT_THAT(Error(keys), HasSubstr("'backbone.backbone.stem.conv.conv.weight'"));
}

}  // namespace
}  // namespace yoloport::sources::yolox
