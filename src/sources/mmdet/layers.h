// Backbones and necks of MMDetection that differ from MMYOLO's of the same family: widths,
// depthwise blocks, defaults, and the names of weights.
#pragma once

#include <initializer_list>
#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"
#include "graph/graph.h"

namespace yoloport::sources::mmdet {

std::vector<graph::Value> CspNext(const config::ConfigNode& config, const checkpoint::Weights& w,
                                  graph::Value image);
std::vector<graph::Value> CspDarknet(const config::ConfigNode& config, const checkpoint::Weights& w,
                                     graph::Value image);

std::vector<graph::Value> CspNextPafpn(const config::ConfigNode& config,
                                       const checkpoint::Weights& w,
                                       const std::vector<graph::Value>& features);
std::vector<graph::Value> YoloxPafpn(const config::ConfigNode& config, const checkpoint::Weights& w,
                                     const std::vector<graph::Value>& features);

// Throws ConfigError at keys that MMYOLO's component of that name takes and MMDetection's does not.
void RefuseMmyoloKeys(const config::ConfigNode& config, std::initializer_list<const char*> keys);

}  // namespace yoloport::sources::mmdet
