// Spatial pyramid pooling.
#pragma once

#include <vector>

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

struct SppSpec {
  std::int64_t out_channels = 0;
  // One size k: three poolings of k one behind another (SPPF). Several: side by side (SPP); they
  // must be odd.
  std::vector<std::int64_t> kernel_sizes = {5};
  bool use_conv_first = true;
  double mid_channels_scale = 0.5;
};

// x and its max poolings of stride 1: of one size `repeats` of them one behind another, of several
// odd sizes each by itself. The latter are emitted as a cascade with the same result where they
// grow: a pooling of 9 is one of 5 behind one of 5.
std::vector<graph::Value> PoolingPyramid(graph::Value x, const std::vector<std::int64_t>& sizes,
                                         std::int64_t repeats = 3);

// mmyolo's SPPFBottleneck: `conv1` and its poolings, all joined by `conv2`.
graph::Value SppfBottleneck(const checkpoint::Weights& w, graph::Value x, const SppSpec& spec,
                            const Style& style);

// mmyolo's CSPSPPFBottleneck (YOLOv6 3.0): a pyramid between `conv1`, `conv3`, `conv4` and `conv5`,
// `conv6`, joined by `conv7` with a 1 x 1 branch of the input (`conv2`).
graph::Value CspSppfBottleneck(const checkpoint::Weights& w, graph::Value x, const SppSpec& spec,
                               const Style& style);

struct SppfCspSpec {
  std::int64_t out_channels = 0;
  double expand_ratio = 0.5;
  std::vector<std::int64_t> kernel_sizes = {5};
  bool is_tiny_version = false;  // one convolution before and one behind the pyramid
};

// mmyolo's SPPFCSPBlock (YOLOv7): a pyramid between `main_layers` and `fuse_layers`, joined by
// `final_conv` with a 1 x 1 branch of the input (`short_layer`). The tiny version has the pyramid's
// levels in reverse order.
graph::Value SppfCspBlock(const checkpoint::Weights& w, graph::Value x, const SppfCspSpec& spec,
                          const Style& style);

}  // namespace yoloport::nn
