// PPYOLOE's CSPResLayer and its block.
#pragma once

#include <optional>

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

struct PpyoloeBlockSpec {
  bool shortcut = true;
  bool use_alpha = false;  // the 1 x 1 branch of the RepVGGBlock has a learnt weight
  Style style;
};

// mmyolo's PPYOLOEBasicBlock: a 3 x 3 ConvModule (`conv1`) and a RepVGGBlock without its identity
// branch (`conv2`), of as many channels as x has; x is added where `shortcut` says so.
graph::Value PpyoloeBasicBlock(const checkpoint::Weights& w, graph::Value x,
                               const PpyoloeBlockSpec& spec);

struct CspResSpec {
  std::int64_t out_channels = 0;
  std::int64_t num_blocks = 1;
  // A stage of the backbone: a 3 x 3 ConvModule of stride 2 in front (`conv_down`), to the mean of
  // the channels of x and `out_channels`.
  bool downsample = false;
  PpyoloeBlockSpec block;
  std::optional<Activation> attention = {};  // of the EffectiveSELayer (`attn`), if there is one
  bool use_spp = false;  // an SPPFBottleneck (`blocks.spp`) behind the middle one of the blocks
};

// mmyolo's CSPResLayer: two 1 x 1 branches (`conv1`, `conv2`), blocks on the second, both joined,
// attended to, and reduced by `conv3`.
graph::Value CspResLayer(const checkpoint::Weights& w, graph::Value x, const CspResSpec& spec,
                         const Style& style);

}  // namespace yoloport::nn
