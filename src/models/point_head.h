// Heads without anchors, whose modules any of them may hold: YOLOX, YOLOv6, YOLOv8, PPYOLOE,
// RTMDet.
#pragma once

#include "config/config.h"
#include "contract/head_spec.h"
#include "models/model.h"

namespace yoloport::models {

// What is a head's own. The rest is what its module predicts.
struct PointHeadSpec {
  const char* type;  // easydeploy's
  contract::BoxCoding coding = contract::BoxCoding::kDistance;
  const char* coder = "DistancePointBBoxCoder";
  double prior_offset = 0.5;  // where the config gives none
  // easydeploy's raw output of a module with distributions: as they are, or the distances.
  bool has_raw_distributions = false;
};

// Builds the `head_module` of `config`, and what the head makes of it.
graph::HeadOutput PointHead(const config::ConfigNode& config, const checkpoint::Weights& w,
                            const std::vector<graph::Value>& features, graph::HeadMode mode,
                            const PointHeadSpec& spec);

// The mean of each side's distribution: N x (4 * bins) x H x W to N x 4 x H x W.
graph::Value MeanDistances(graph::Value x, std::int64_t bins);

}  // namespace yoloport::models
