#include "checkpoint/other_networks.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace yoloport::checkpoint {
namespace {

std::string NameOf(const std::vector<std::string>& keys) {
  std::vector<NamedTensor> tensors;
  for (const std::string& key : keys) tensors.push_back({key, tensor::Tensor(), "", nullptr});
  return NameOfOtherNetwork(tensors);
}

// Keys as the packages' own state_dict() gives them.
TEST(OtherNetworksTest, NamesDetectorsOfTorchvision) {
  EXPECT_EQ(NameOf({"backbone.body.conv1.weight", "rpn.head.conv.0.0.weight",
                    "roi_heads.box_predictor.cls_score.weight"}),
            "torchvision's Faster R-CNN");
  EXPECT_EQ(NameOf({"rpn.head.conv.0.0.weight", "roi_heads.box_predictor.cls_score.weight",
                    "roi_heads.mask_predictor.conv5_mask.weight"}),
            "torchvision's Mask R-CNN");
  EXPECT_EQ(NameOf({"backbone.scale_weight", "head.classification_head.module_list.0.weight"}),
            "torchvision's SSD");
  EXPECT_EQ(NameOf({"head.classification_head.conv.0.0.weight",
                    "head.classification_head.cls_logits.weight"}),
            "torchvision's RetinaNet");
}

TEST(OtherNetworksTest, NamesOthers) {
  EXPECT_EQ(NameOf({"backbone.bottom_up.res2.0.conv1.weight"}), "a detector of Detectron2");
  EXPECT_EQ(NameOf({"decoder.dec_bbox_head.0.layers.0.weight"}), "RT-DETR");
  EXPECT_EQ(
      NameOf({"decoder.dec_bbox_head.0.layers.0.weight", "decoder.pre_bbox_head.layers.0.weight"}),
      "D-FINE or DEIM");
  EXPECT_EQ(NameOf({"neck.merge_3.conv1.conv.weight", "head.gfl_cls.0.weight"}), "DAMO-YOLO");
  EXPECT_EQ(NameOf({"heads.head1.cls_pred.weight"}), "YOLO-NAS");
  EXPECT_EQ(NameOf({"transformer.decoder.layers.0.norm1.weight", "class_embed.weight"}), "a DETR");
}

TEST(OtherNetworksTest, NamesWholeModelsByTheirPackage) {
  EXPECT_EQ(NameOfOtherModel("torchvision.models.detection.faster_rcnn.FasterRCNN"),
            "a detector of torchvision");
  EXPECT_EQ(NameOfOtherModel("torchvision.models.resnet.ResNet"),
            "a network of torchvision that classifies images");
  EXPECT_EQ(NameOfOtherModel("super_gradients.training.models.YoloNAS_S"),
            "a network of super-gradients (YOLO-NAS)");
  EXPECT_EQ(NameOfOtherModel("my.Network"), "");
  EXPECT_EQ(NameOfOtherModel(""), "");
}

TEST(OtherNetworksTest, KnownNetworksAndOddFilesAreNotNamed) {
  EXPECT_EQ(NameOf({}), "");
  EXPECT_EQ(NameOf({"bbox_head.head_module.cls_preds.0.2.weight", "backbone.stem.conv.weight"}),
            "");
  EXPECT_EQ(NameOf({"bbox_head.rtm_cls.0.weight"}), "");
  EXPECT_EQ(NameOf({"class_embed.weight"}), "");  // without a transformer
}

}  // namespace
}  // namespace yoloport::checkpoint
