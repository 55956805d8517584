// mmdet's CSPLayer and its blocks.
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

struct BottleneckSpec {
  std::int64_t out_channels = 0;
  double expansion = 0.5;  // width of the middle as a part of out_channels
  bool add_identity = true;
  bool use_depthwise = false;
  std::int64_t first_kernel = 1;  // of DarknetBottleneck's `conv1`
};

// mmdet's DarknetBottleneck: `conv1`, 3 x 3 (`conv2`), and the input added where widths agree.
// mmyolo's, which chooses its kernels, is the same with a `first_kernel` of 3.
graph::Value DarknetBottleneck(const checkpoint::Weights& w, graph::Value x,
                               const BottleneckSpec& spec, const Style& style);

// mmdet's CSPNeXtBlock: 3 x 3 (`conv1`), depthwise separable 5 x 5 (`conv2`), and the input added.
graph::Value CspNextBlock(const checkpoint::Weights& w, graph::Value x, const BottleneckSpec& spec,
                          const Style& style);

struct CspSpec {
  std::int64_t out_channels = 0;
  std::int64_t num_blocks = 1;
  double expand_ratio = 0.5;
  bool add_identity = true;
  bool use_depthwise = false;
  bool use_cspnext_block = false;
  bool channel_attention = false;
};

// Two 1 x 1 branches of the input (`main_conv`, `short_conv`), blocks on the first, both joined by
// `final_conv`.
graph::Value CspLayer(const checkpoint::Weights& w, graph::Value x, const CspSpec& spec,
                      const Style& style);

}  // namespace yoloport::nn
