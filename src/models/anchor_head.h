// Heads with anchors: one 1 x 1 convolution a level that gives, for each anchor, 4 box channels,
// objectness and classes (YOLOv5, YOLOv7).
#pragma once

#include <array>
#include <string>
#include <vector>

#include "config/config.h"
#include "models/model.h"
#include "nn/folded_conv.h"

namespace yoloport::models {

struct AnchorHead {
  std::int64_t num_classes = 0;
  std::int64_t num_anchors = 0;  // per cell
  std::vector<std::array<double, 2>> strides;
  std::vector<std::vector<std::array<double, 2>>> anchors;  // w, h in pixels, per level

  std::int64_t OutputChannels() const { return num_anchors * (5 + num_classes); }
};

// Reads a YOLOv5Head-like config and its `head_module`: classes, anchors and strides, with MMYOLO's
// defaults for three levels.
AnchorHead ReadAnchorHead(const config::ConfigNode& config, std::size_t levels);

// The output of a head of easydeploy's `type`, without levels.
graph::HeadOutput StartAnchorOutput(const AnchorHead& head, std::string type);

// Builds a head of easydeploy's `type` and its `head_module`.
graph::HeadOutput BuildAnchorHead(const config::ConfigNode& config, const checkpoint::Weights& w,
                                  const std::vector<graph::Value>& features, graph::HeadMode mode,
                                  std::string type);

// Adds level number `output.head.levels.size()`, given by `conv` (OutputChannels() x C x 1 x 1) on
// `feature`. For decoding the convolution is split into one for classes and one for the rest, with
// its channels in the order that leaves nothing to reorder.
void AddAnchorLevel(graph::HeadOutput& output, graph::HeadMode mode, const AnchorHead& head,
                    graph::Value feature, nn::FoldedConv conv, const std::string& name);

}  // namespace yoloport::models
