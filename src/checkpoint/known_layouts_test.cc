#include "checkpoint/known_layouts.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace yoloport::checkpoint {
namespace {

using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

NamedTensor Named(std::string key, Shape shape) {
  return {std::move(key), Tensor(DType::kFloat32, std::move(shape), nullptr, nullptr), "", nullptr};
}

// A backbone with so many convolutions of which the first has so many outputs, and a head.
std::vector<NamedTensor> Network(std::int64_t width, int convolutions, const std::string& head,
                                 std::int64_t outputs) {
  std::vector<NamedTensor> tensors;
  for (int i = 0; i < convolutions; ++i) {
    const std::string layer = std::string("backbone.stage1.").append(std::to_string(i));
    tensors.push_back(Named(layer + ".rbr_dense.conv.weight", {width, 3, 3, 3}));
    tensors.push_back(Named(layer + ".rbr_1x1.conv.weight", {width, 3, 1, 1}));
    tensors.push_back(Named(layer + ".bn.weight", {width}));
  }
  tensors.push_back(Named(head, {outputs, width, 1, 1}));
  return tensors;
}

TEST(KnownLayoutsTest, SaysFamilySizeAndClasses) {
  const std::string head = "bbox_head.head_module.";
  EXPECT_EQ(DescribeLayout(Network(32, 33, head + "convs_pred.0.weight", 255)),
            "the checkpoint's own keys and shapes are those of YOLOv5-s with 80 classes");
  EXPECT_EQ(DescribeLayout(Network(32, 39, head + "convs_pred.0.weight", 18)),
            "the checkpoint's own keys and shapes are those of YOLOv5-s-p6 with 1 class");
  EXPECT_EQ(DescribeLayout(Network(48, 39, head + "cls_preds.0.2.weight", 3)),
            "the checkpoint's own keys and shapes are those of YOLOv8-m with 3 classes");
  EXPECT_EQ(DescribeLayout(Network(24, 21, head + "cls_preds.0.weight", 3)),
            "the checkpoint's own keys and shapes are those of YOLOv6-t with 3 classes");
  EXPECT_EQ(DescribeLayout(Network(26, 61, head + "rtm_cls.0.weight", 3)),
            "the checkpoint's own keys and shapes are nearest to RTMDet-m with 3 classes");
  EXPECT_EQ(DescribeLayout(Network(24, 61, "bbox_head.rtm_cls.0.weight", 3)),
            "the checkpoint's own keys and shapes are those of RTMDet-m with 3 classes as "
            "MMDetection has it");
}

TEST(KnownLayoutsTest, ASecondKeyTellsFamiliesApart) {
  auto tensors = Network(24, 47, "bbox_head.head_module.cls_preds.0.weight", 3);
  tensors.push_back(Named("bbox_head.head_module.cls_stems.0.fc.weight", {24, 24, 1, 1}));
  EXPECT_EQ(DescribeLayout(tensors),
            "the checkpoint's own keys and shapes are those of PPYOLOE-m with 3 classes");
  tensors.push_back(Named("backbone.stage1.0.blocks.0.conv2.alpha", {1}));
  EXPECT_EQ(DescribeLayout(tensors),
            "the checkpoint's own keys and shapes are those of PPYOLOE+-m with 3 classes");
}

TEST(KnownLayoutsTest, SaysWhichFileOfOthersIsRead) {
  EXPECT_EQ(
      DescribeLayout(
          std::vector{Named("24.anchors", {3, 3, 2}), Named("24.m.0.weight", {255, 128, 1, 1})}),
      "the checkpoint's own keys are those of the YOLOv5 repository with 80 classes: give the "
      "file that its training saved (.pt), which holds the whole network, without a config");
  EXPECT_EQ(DescribeLayout(std::vector{Named("22.cv3.0.2.weight", {2, 80, 1, 1}),
                                       Named("22.cv2.0.2.weight", {64, 64, 1, 1})}),
            "the checkpoint's own keys are those of a detector of Ultralytics with 2 classes: give "
            "the file that its training saved (.pt), which holds the whole network, without a "
            "config");
}

TEST(KnownLayoutsTest, OddFilesAreOfNoLayout) {
  const std::string key = "bbox_head.head_module.convs_pred.0.weight";
  EXPECT_EQ(DescribeLayout({}), "");
  EXPECT_EQ(DescribeLayout(std::vector{Named("a", {1})}), "");
  for (const Shape& shape : {Shape{}, Shape{0, 1, 1, 1}, Shape{256, 1, 1, 1}, Shape{15, 1, 1, 1}}) {
    EXPECT_EQ(DescribeLayout(std::vector{Named(key, shape)}), "");
  }
  EXPECT_EQ(DescribeLayout(std::vector{Named(key, {18})}),
            "the checkpoint's own keys and shapes are those of YOLOv5's head with 1 class");
  EXPECT_EQ(DescribeLayout(Network(0, 3, key, 18)),
            "the checkpoint's own keys and shapes are those of YOLOv5's head with 1 class");
}

}  // namespace
}  // namespace yoloport::checkpoint
