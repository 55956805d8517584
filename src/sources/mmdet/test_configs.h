// Configs of small detectors for tests of this folder.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "yoloport/error.h"

namespace yoloport::sources::mmdet {

// Arguments of a backbone of the detector's own kind, of the widths 16, 32 and 64.
inline constexpr const char* kOwnBackbone = "deepen_factor=0.1, widen_factor=0.0625";

// A CSPNeXt, or the backbone of these arguments, its neck, and a head of one block each.
// `cfg_options` change it.
inline config::Config Rtmdet(std::vector<std::string> cfg_options = {},
                             const std::string& backbone = kOwnBackbone) {
  config::ConfigOptions options;
  options.overrides = std::move(cfg_options);
  const std::string type = backbone == kOwnBackbone ? "type='CSPNeXt', " : "";
  return config::Config::FromText(R"(
model = dict(
    type='RTMDet',
    backbone=dict()" + type + backbone +
                                      R"(),
    neck=dict(type='CSPNeXtPAFPN', in_channels=[16, 32, 64], out_channels=16, num_csp_blocks=1,
              upsample_cfg=dict(scale_factor=2, mode='nearest')),
    bbox_head=dict(
        type='RTMDetSepBNHead', num_classes=3, in_channels=16, feat_channels=16, stacked_convs=1,
        anchor_generator=dict(type='MlvlPointGenerator', offset=0, strides=[8, 16, 32]),
        bbox_coder=dict(type='DistancePointBBoxCoder'),
        loss_cls=dict(type='QualityFocalLoss', use_sigmoid=True), with_objectness=False),
    test_cfg=dict(nms_pre=30000, min_bbox_size=0, score_thr=0.001, max_per_img=300,
                  nms=dict(type='nms', iou_threshold=0.65)))
)",
                                  "t.py", options);
}

// The same of a CSPDarknet.
inline config::Config Yolox(std::vector<std::string> cfg_options = {},
                            const std::string& backbone = kOwnBackbone) {
  config::ConfigOptions options;
  options.overrides = std::move(cfg_options);
  return config::Config::FromText(R"(
model = dict(
    type='YOLOX',
    backbone=dict(type='CSPDarknet', )" +
                                      backbone + R"(),
    neck=dict(type='YOLOXPAFPN', in_channels=[16, 32, 64], out_channels=16, num_csp_blocks=1),
    bbox_head=dict(type='YOLOXHead', num_classes=3, in_channels=16, feat_channels=16,
                   stacked_convs=1),
    test_cfg=dict(score_thr=0.01, nms=dict(type='nms', iou_threshold=0.65)))
)",
                                  "t.py", options);
}

// The first line of the ConfigError that `action` throws, from the path of the key on.
template <typename Action>
std::string ErrorOf(const Action& action) {
  try {
    action();
  } catch (const ConfigError& error) {
    const std::string all = error.what();
    const std::string line = all.substr(0, all.find('\n'));
    return line.substr(line.find('\''));
  }
  return "no error";
}

}  // namespace yoloport::sources::mmdet
