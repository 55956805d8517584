#include "contract/ultralytics.h"

namespace yoloport::contract {

Preprocess UltralyticsPreprocess() {
  Preprocess preprocess;
  preprocess.shrink = preprocess.enlarge = Interpolation::kBilinear;
  preprocess.rounding = Rounding::kHalfEven;
  return preprocess;
}

Preprocess Yolov5Preprocess() {
  Preprocess preprocess = UltralyticsPreprocess();
  preprocess.half_padding = true;
  preprocess.one_scale = true;
  return preprocess;
}

NmsPolicy UltralyticsPolicy() {
  return {.score_threshold = 0.25,
          .iou_threshold = 0.7,
          .pre_topk = 30000,
          .keep_topk = 300,
          .multi_label = false};
}

NmsPolicy Yolov5Policy() {
  NmsPolicy policy = UltralyticsPolicy();
  policy.iou_threshold = 0.45;
  policy.keep_topk = 1000;
  return policy;
}

}  // namespace yoloport::contract
