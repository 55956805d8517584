// RTMDet's parts, for whoever reads other configs than MMYOLO's.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"
#include "graph/graph.h"
#include "models/model.h"
#include "nn/style.h"

namespace yoloport::models {

// What a CSPNeXt is where its config does not say.
struct CspNextDefaults {
  nn::Style style;
  std::vector<std::int64_t> spp_kernels;  // as nn::SppSpec::kernel_sizes
};

// The backbone CSPNeXt, whose config mmdet and MMYOLO share.
std::vector<graph::Value> CspNext(const config::ConfigNode& config, const checkpoint::Weights& w,
                                  graph::Value image, const CspNextDefaults& defaults);

struct RtmdetLevelsSpec {
  int num_classes = 0;
  std::int64_t feat_channels = 256;
  std::int64_t stacked_convs = 2;
  std::int64_t pred_kernel_size = 1;
  bool use_depthwise = false;
  bool is_shared = false;        // levels have one set of layers, norms and all
  bool with_objectness = false;  // classes become the geometric mean with an objectness
  bool exp_on_reg = false;       // distances are exponentials
  bool has_scales = false;       // and are multiplied by a learned number a level
};

// The branches of an RTMDet head below `w`: `cls_convs`, `reg_convs`, `rtm_cls`, `rtm_reg`,
// `rtm_obj`, `scales`, each with the level's number unless they are shared (`scales` always).
// Hands on the levels one by one; boxes are distances in strides.
void RtmdetLevels(const checkpoint::Weights& w, const std::vector<graph::Value>& features,
                  const RtmdetLevelsSpec& spec, const nn::Style& style,
                  const std::function<void(const PointLevel&)>& add);

}  // namespace yoloport::models
