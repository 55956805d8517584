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

}  // namespace yoloport::checkpoint
