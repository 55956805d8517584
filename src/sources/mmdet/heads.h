// Heads of MMDetection: RTMDetHead, RTMDetSepBNHead and YOLOXHead.
#pragma once

#include <span>
#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"
#include "graph/graph.h"
#include "graph/head.h"

namespace yoloport::sources::mmdet {

using HeadFunction = graph::HeadOutput (*)(const config::ConfigNode& config,
                                           const checkpoint::Weights& w,
                                           const std::vector<graph::Value>& features,
                                           graph::HeadMode mode);

// A head under the name that configs give it.
struct Head {
  const char* name;
  HeadFunction build;
  std::vector<double> (*strides)(const config::ConfigNode& config);  // of its levels, in pixels
};

std::span<const Head> Heads();

}  // namespace yoloport::sources::mmdet
