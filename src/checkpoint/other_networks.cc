#include "checkpoint/other_networks.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace yoloport::checkpoint {
namespace {

struct OtherNetwork {
  std::string_view name;
  // What some key begins with, in any wrapper that was taken off. No other network has both.
  std::string_view key;
  std::string_view second_key = {};
};

// The first that fits counts.
constexpr auto kNetworks = std::to_array<OtherNetwork>({
    {"a detector of Detectron2", "proposal_generator."},
    {"a detector of Detectron2", "backbone.bottom_up."},
    {"torchvision's Mask R-CNN", "roi_heads.mask_predictor."},
    {"torchvision's Keypoint R-CNN", "roi_heads.keypoint_predictor."},
    {"torchvision's Faster R-CNN", "roi_heads.box_predictor.", "rpn.head."},
    {"torchvision's FCOS", "head.regression_head.bbox_ctrness."},
    {"torchvision's SSD", "head.classification_head.module_list."},
    {"torchvision's RetinaNet", "head.classification_head.cls_logits."},
    {"D-FINE or DEIM", "decoder.pre_bbox_head.", "decoder.dec_bbox_head."},
    {"RT-DETR", "decoder.dec_bbox_head."},
    {"a DETR of Hugging Face's transformers", "class_labels_classifier."},
    {"a DETR", "class_embed.", "transformer.decoder."},
    {"DAMO-YOLO", "head.gfl_cls.", "neck.merge_"},
    {"YOLO-NAS", "heads.head1.cls_pred."},
    {"YOLO-World", "backbone.text_model."},
    {"YOLO-World", "bbox_head.head_module.cls_contrasts."},
    {"EfficientDet", "class_net.", "fpn.cell."},
    {"EfficientDet", "classifier.header.", "bifpn."},
    {"a network of Darknet's cfg files (YOLOv3, YOLOv4, YOLOR)", "module_list.0."},
    {"a two-stage detector of MMDetection (Faster R-CNN, Cascade R-CNN, Mask R-CNN)", "roi_head.",
     "rpn_head."},
    {"MMDetection's RetinaNet", "bbox_head.retina_cls."},
    {"MMDetection's ATSS", "bbox_head.atss_cls."},
    {"MMDetection's GFL", "bbox_head.gfl_cls."},
    {"MMDetection's TOOD", "bbox_head.tood_cls."},
    {"MMDetection's FCOS", "bbox_head.conv_centerness.", "bbox_head.conv_cls."},
    {"Segment Anything", "image_encoder.", "mask_decoder."},
    {"a ResNet that classifies images", "layer4.0.conv1.", "fc.weight"},
});

// By the package of a class.
struct OtherPackage {
  std::string_view begin;
  std::string_view name;
};
constexpr auto kPackages = std::to_array<OtherPackage>({
    {"torchvision.models.detection.", "a detector of torchvision"},
    {"torchvision.models.segmentation.", "a network of torchvision that segments images"},
    {"torchvision.models.", "a network of torchvision that classifies images"},
    {"super_gradients.", "a network of super-gradients (YOLO-NAS)"},
    {"damo.", "DAMO-YOLO"},
    {"detectron2.", "a detector of Detectron2"},
    {"effdet.", "EfficientDet"},
    {"transformers.", "a model of Hugging Face's transformers"},
    {"timm.", "a network of timm that classifies images"},
    {"mmdet.", "a detector of MMDetection that was saved whole"},
    {"mmyolo.", "a detector of MMYOLO that was saved whole"},
    {"segmentation_models_pytorch.", "a network that segments images"},
    {"rfdetr.", "RF-DETR"},
    {"darknet.", "a network of Darknet's cfg files"},
});

bool HasBelow(std::span<const NamedTensor> tensors, std::string_view begin) {
  return std::any_of(tensors.begin(), tensors.end(),
                     [&](const NamedTensor& each) { return each.key.starts_with(begin); });
}

}  // namespace

std::string NameOfOtherNetwork(std::span<const NamedTensor> tensors) {
  for (const OtherNetwork& network : kNetworks) {
    if (HasBelow(tensors, network.key) && HasBelow(tensors, network.second_key)) {
      return std::string(network.name);
    }
  }
  return "";
}

std::string NameOfOtherModel(std::string_view class_name) {
  const auto* const found =
      std::find_if(kPackages.begin(), kPackages.end(),
                   [&](const OtherPackage& each) { return class_name.starts_with(each.begin); });
  return found == kPackages.end() ? "" : std::string(found->name);
}

std::string_view WriterOfPickle(const formats::pickle::Value& root) {
  if (FindKey(root, "StructuredToParameterName@@") != nullptr) return "PaddlePaddle's";
  if (FindKey(root, "__author__") != nullptr && FindKey(root, "model") != nullptr) {
    return "Detectron2's";
  }
  return "";
}

}  // namespace yoloport::checkpoint
