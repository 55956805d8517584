// YOLOX's parts, for whoever reads other configs than MMYOLO's.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"
#include "graph/graph.h"
#include "models/model.h"
#include "nn/style.h"

namespace yoloport::models {

// The pooling sizes of a spatial pyramid, one or several; mmdet's where `key` is not stated.
std::vector<std::int64_t> ReadSppKernels(const config::ConfigNode& config, std::string_view key);

struct YoloxLevelsSpec {
  int num_classes = 0;
  std::int64_t feat_channels = 256;
  std::int64_t stacked_convs = 2;
  bool use_depthwise = false;
};

// Reads a YOLOXHead of mmdet or a YOLOXHeadModule of MMYOLO, which share these keys.
YoloxLevelsSpec ReadYoloxLevels(const config::ConfigNode& config, double widen);

// The branches of a YOLOX head below `w`: `multi_level_cls_convs`, `multi_level_reg_convs`,
// `multi_level_conv_cls`, `multi_level_conv_reg`, `multi_level_conv_obj`. Hands on the levels one
// by one.
void YoloxLevels(const checkpoint::Weights& w, const std::vector<graph::Value>& features,
                 const YoloxLevelsSpec& spec, const nn::Style& style,
                 const std::function<void(const PointLevel&)>& add);

}  // namespace yoloport::models
