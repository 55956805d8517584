// What is told of networks of YOLOv6's repository, its blocks that no recorded network has, and
// what is refused. What networks compute is compared with recordings: testdata/original/yolov6_*.
#include "sources/yolov6/yolov6.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>

#include "sources/yolov6/blocks.h"
#include "testing/files/module_files.h"
#include "testing/run_graph.h"
#include "yoloport/error.h"

namespace yoloport::sources::yolov6 {
namespace {

using checkpoint::Checkpoint;
using layer_list::Block;
using tensor::Tensor;
using test_support::BoolCode;
using test_support::Conv2dSpec;
using test_support::IntCode;
using test_support::ListSpec;
using test_support::ModuleSpec;
using test_support::NumberCode;
using testing::ElementsAre;
using testing::FloatNear;
using testing::HasSubstr;
using testing::Pointwise;

constexpr const char* kCommon = "yolov6.layers.common.";

ModuleSpec Own(const std::string& type, std::vector<std::pair<std::string, ModuleSpec>> children) {
  return {.class_name = kCommon + type, .children = std::move(children)};
}

ModuleSpec Relu() { return {.class_name = "torch.nn.modules.activation.ReLU"}; }

// A BatchNorm of one channel that adds `bias`.
ModuleSpec Norm(float bias) {
  return {.class_name = "torch.nn.modules.batchnorm.BatchNorm2d",
          .attributes = {{"eps", NumberCode(0)}, {"affine", BoolCode(true)}},
          .parameters = {{"weight", {1}, {1}}, {"bias", {1}, {bias}}},
          .buffers = {{"running_mean", {1}, {0}}, {"running_var", {1}, {1}}}};
}

// A convolution of one channel of these weights, without a bias.
ModuleSpec Conv(std::int64_t kernel, std::vector<float> weights) {
  ModuleSpec conv = Conv2dSpec(1, 1, kernel, 1, false);
  conv.parameters = {{"weight", {1, 1, kernel, kernel}, std::move(weights)}};
  return conv;
}

class Yolov6BlockTest : public testing::Test {
 protected:
  // What the block gives for 3 x 3 pixels of 1 .. 9.
  std::vector<float> Run(const ModuleSpec& spec) {
    file_.emplace(test_support::TorchModule(spec));
    const Checkpoint checkpoint = Checkpoint::Open(file_->path());
    const checkpoint::Weights weights(checkpoint);
    graph::Graph graph(13);
    const graph::Value image = graph.Input("images", tensor::DType::kFloat32, {1, 1, 3, 3});
    graph.Output(Build(Block{checkpoint.modules()->root, weights}, image), "out");
    weights.Finish();
    const std::vector<Tensor> inputs = {
        Tensor::Of<float>({1, 1, 3, 3}, {1, 2, 3, 4, 5, 6, 7, 8, 9})};
    const Tensor out = test_support::RunGraph(graph, inputs)[0];
    return {out.values<float>().begin(), out.values<float>().end()};
  }

  std::string Error(const ModuleSpec& spec) {
    return test_support::ErrorOf([&] { Run(spec); });
  }

  std::optional<test_support::TemporaryFile> file_;
};

// The middle of the dense kernel doubles, the 1 x 1 trebles, the input and the mean of nine (zeros
// beyond the edges) are added, and the norm adds 10: 6 x + mean + 10.
TEST_F(Yolov6BlockTest, QaRepVggBlockV2) {
  const ModuleSpec pool{.class_name = "torch.nn.modules.pooling.AvgPool2d",
                        .attributes = {{"kernel_size", IntCode(3)},
                                       {"stride", IntCode(1)},
                                       {"padding", IntCode(1)},
                                       {"count_include_pad", BoolCode(true)}}};
  const ModuleSpec dense =
      Own("ConvModule", {{"conv", Conv(3, {0, 0, 0, 0, 2, 0, 0, 0, 0})}, {"bn", Norm(0)}});
  const ModuleSpec block =
      Own("QARepVGGBlockV2", {{"nonlinearity", Relu()},
                              {"rbr_identity", {.class_name = "torch.nn.modules.linear.Identity"}},
                              {"rbr_dense", dense},
                              {"rbr_1x1", Conv(1, {3})},
                              {"bn", Norm(10)},
                              {"rbr_avg", pool}});
  std::vector<float> expected;
  const std::vector<float> sums = {12, 21, 16, 27, 45, 33, 24, 39, 28};
  for (std::size_t i = 0; i < 9; ++i) {
    expected.push_back(6 * static_cast<float>(i + 1) + sums[i] / 9 + 10);
  }
  EXPECT_THAT(Run(block), Pointwise(FloatNear(1e-4F), expected));
}

// One branch passed on, one with two blocks behind one another, which add what they get (BottleRep3
// of an alpha of 0.5), all joined: 1 x 1 convolutions to 2 channels and of 4.
TEST_F(Yolov6BlockTest, MblaBlock) {
  const auto times = [](float factor) { return Own("ConvModule", {{"conv", Conv(1, {factor})}}); };
  const auto bottle = [&](float factor) {
    ModuleSpec block =
        Own("BottleRep3", {{"conv1", times(factor)}, {"conv2", times(1)}, {"conv3", times(1)}});
    block.attributes = {{"shortcut", BoolCode(true)}, {"alpha", NumberCode(0.5)}};
    return block;
  };
  ModuleSpec first = Conv2dSpec(1, 2, 1, 1, false);
  first.parameters = {{"weight", {2, 1, 1, 1}, {1, 10}}};
  ModuleSpec last = Conv2dSpec(4, 1, 1, 1, false);
  last.parameters = {{"weight", {1, 4, 1, 1}, {1, 1, 1, 1}}};
  const ModuleSpec rows = ListSpec("ModuleList", {ListSpec("Sequential", {bottle(2), bottle(3)})});
  // x + 10 x + 25 x (2 * 10 + 5) + 87.5 x (3 * 25 + 12.5)
  EXPECT_THAT(Run(Own("MBLABlock", {{"cv1", Own("ConvModule", {{"conv", first}})},
                                    {"cv2", Own("ConvModule", {{"conv", last}})},
                                    {"m", rows}})),
              ElementsAre(123.5, 247, 370.5, 494, 617.5, 741, 864.5, 988, 1111.5));
}

TEST_F(Yolov6BlockTest, BlocksThatAreRefused) {
  EXPECT_THAT(Error(Own("LinearAddBlock", {})),
              HasSubstr("LinearAddBlock', is not supported\nhint: known are ConvModule, Conv, "));
  EXPECT_THAT(Error({.class_name = "mine.ConvModule"}),
              HasSubstr("is not of YOLOv6's repository: its full name is 'mine.ConvModule'\nhint: "
                        "networks with modules of their own are not supported"));
  const auto conv = [](ModuleSpec layer) {
    return Own("ConvModule", {{"conv", std::move(layer)}});
  };
  EXPECT_THAT(Error(Own("RepVGGBlock", {{"nonlinearity", Relu()},
                                        {"rbr_dense", conv(Conv(1, {1}))},
                                        {"rbr_1x1", conv(Conv(1, {1}))}})),
              HasSubstr("RepVGGBlock', has branches that do not add up: expected 3 x 3 and "
                        "1 x 1"));
  ModuleSpec wide = Conv2dSpec(1, 2, 3, 1, false);
  wide.attributes.emplace_back("padding", IntCode(1));
  const ModuleSpec bottle = [&] {
    ModuleSpec block = Own("BottleRep", {{"conv1", conv(Conv(1, {1}))}, {"conv2", conv(wide)}});
    block.attributes = {{"shortcut", BoolCode(true)}};
    return block;
  }();
  EXPECT_THAT(Error(bottle), HasSubstr("BottleRep', adds its input, which has another size"));
}

std::unique_ptr<ModelSource> Open(const std::string& path) {
  std::vector<std::string> notes;
  return OpenYolov6(Checkpoint::Open(path), notes);
}

TEST(Yolov6Test, WhatItsInferenceDoes) {
  const auto source = Open("testdata/original/yolov6_n/checkpoint.pth");
  EXPECT_EQ(source->LargestStride(), 32);
  EXPECT_EQ(source->TestSize(false), std::nullopt);
  EXPECT_EQ(source->Detector(), "YOLOv6 of the YOLOv6 repository: EfficientRep, RepBiFPANNeck");
  EXPECT_FALSE(source->DefaultSelection().multi_label);
  ExportOptions options;
  bool multi_label = true;
  EXPECT_THAT(source->TakeThresholds(options, multi_label),
              ElementsAre("--score-threshold 0.25 -> 0.4 (YOLOv6's infer.py)",
                          "--iou-threshold 0.65 -> 0.45 (YOLOv6's infer.py)",
                          "--pre-topk 1000 -> 30000 (YOLOv6's infer.py)",
                          "--keep-topk 100 -> 1000 (YOLOv6's infer.py)"));
  const Preprocess preprocess = source->PreprocessFor({384, 640}).preprocess;
  EXPECT_TRUE(preprocess.rgb);
  EXPECT_EQ(preprocess.pad_side, PadSide::kCenter);
  EXPECT_EQ(preprocess.rounding, Rounding::kHalfEven);
  EXPECT_EQ(preprocess.std[0], 255);
  EXPECT_EQ(source->ClassNames(80).at(0), "person");
  EXPECT_TRUE(source->ClassNames(5).empty());
}

class Yolov6ErrorTest : public testing::Test {
 protected:
  static ModuleSpec Part(const std::string& name) {
    return {.class_name = "yolov6.models." + name};
  }

  static std::string Error(const ModuleSpec& backbone, const ModuleSpec& neck,
                           const ModuleSpec& head) {
    ModuleSpec model = Part("yolo.Model");
    model.children = {{"backbone", backbone}, {"neck", neck}, {"detect", head}};
    const test_support::TemporaryFile file(test_support::TorchModule(model));
    return test_support::ErrorOf([&] { Open(file.path()); });
  }
};

TEST_F(Yolov6ErrorTest, OtherParts) {
  const ModuleSpec backbone = Part("efficientrep.EfficientRep");
  const ModuleSpec neck = Part("reppan.RepPANNeck");
  const ModuleSpec head = Part("effidehead.Detect");
  EXPECT_THAT(
      Error(Part("efficientrep.Lite_EffiBackbone"), neck, head),
      HasSubstr("'backbone', of the class 'Lite_EffiBackbone', is not supported\nhint: known are "
                "EfficientRep, EfficientRep6, CSPBepBackbone, CSPBepBackbone_P6"));
  EXPECT_THAT(Error(backbone, Part("reppan.MyNeck"), head),
              HasSubstr("'neck', of the class 'MyNeck', is not supported"));
  ModuleSpec masks = head;
  masks.children = {{"seg_preds", ListSpec("ModuleList", {})}};
  EXPECT_THAT(
      Error(backbone, neck, masks),
      HasSubstr("'detect', of the class 'Detect', has 'seg_preds', which the head of a detector of "
                "release 2.0 or later has not\nhint: masks, landmarks and release 1.0 are "
                "not supported"));
}

}  // namespace
}  // namespace yoloport::sources::yolov6
