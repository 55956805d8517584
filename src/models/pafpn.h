// What the necks share: the topology of a PAFPN.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::models {

// Builds the layer `index` of one of BaseYOLONeck's lists; `w` is its prefix.
using NeckLayer =
    std::function<graph::Value(const checkpoint::Weights& w, graph::Value x, std::size_t index)>;

// Joins, on the way down, the output of level `index` with the reduced feature maps of the levels
// below it; `w` is the prefix in upsample_layers.
using NeckFusion =
    std::function<graph::Value(const checkpoint::Weights& w, graph::Value high,
                               const std::vector<graph::Value>& reduced, std::size_t index)>;

// The layers of BaseYOLONeck by MMYOLO's names, indexed as there; one that is not set passes its
// input on.
struct PafpnLayers {
  NeckLayer reduce;      // index: level
  NeckLayer upsample;    // index: level whose output is enlarged; default nearest neighbour, twice
  NeckFusion fuse;       // in place of upsampling and concatenation, where it is set
  NeckLayer top_down;    // index: level from the top, counting down to 1
  NeckLayer downsample;  // index: level, from 0
  NeckLayer bottom_up;
  NeckLayer out;  // index: level
  bool upsample_feats_cat_first = true;
};

// BaseYOLONeck's way: reduce, top-down with upsampling, bottom-up with downsampling, out.
std::vector<graph::Value> Pafpn(const checkpoint::Weights& w,
                                const std::vector<graph::Value>& features,
                                const PafpnLayers& layers);

// Builds a layer of `out_channels` on `x`.
using SizedLayer = std::function<graph::Value(const checkpoint::Weights& w, graph::Value x,
                                              std::int64_t out_channels)>;

// What the layers of a PAFPN of CSP layers are made of.
struct CspPafpnParts {
  SizedLayer csp;
  SizedLayer conv;        // 1 x 1, between the widths of two levels
  SizedLayer downsample;  // 3 x 3 of stride 2
};

// The necks of YOLOv5, RTMDet and YOLOX: the top level reduced to the width of the next, CSP layers
// both ways, each of the upper ones on the way down followed by a reduction. `channels`: of the
// levels. Nothing is set for `out`.
PafpnLayers CspPafpnLayers(const std::vector<std::int64_t>& channels, const CspPafpnParts& parts);

// A PAFPN of CSP layers whose levels all end in a convolution to one width: RTMDet's and YOLOX's.
struct CspPafpnSpec {
  std::vector<std::int64_t> channels = {};  // of the levels
  std::int64_t out_channels = 0;
  std::int64_t out_kernel = 1;
  std::int64_t num_blocks = 1;  // of a CSP layer
  double expand_ratio = 0.5;    // the same
  bool use_cspnext_block = false;
  // Which convolutions are depthwise separable.
  bool depthwise_reduce = false;      // 1 x 1, between the widths of two levels
  bool depthwise_blocks = false;      // in the CSP layers
  bool depthwise_downsample = false;  // 3 x 3 of stride 2
  bool depthwise_out = false;
};
std::vector<graph::Value> CspPafpn(const checkpoint::Weights& w,
                                   const std::vector<graph::Value>& features,
                                   const CspPafpnSpec& spec, const nn::Style& style);

// `upsample_cfg`, where given, must be the only one that MMYOLO's configs use: nearest neighbour,
// twice.
void RequireNearestUpsampling(const config::ConfigNode& config);

}  // namespace yoloport::models
