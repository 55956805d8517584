// Spatial pyramid pooling.
#pragma once

#include <vector>

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport {

struct SppSpec {
  std::int64_t out_channels = 0;
  // One size k: three poolings of k one behind another (SPPF). Several: side by side (SPP); they
  // must be odd.
  std::vector<std::int64_t> kernel_sizes = {5};
  bool use_conv_first = true;
  double mid_channels_scale = 0.5;
};

// mmyolo's SPPFBottleneck: `conv1`, max poolings of stride 1, all joined by `conv2`. Side-by-side
// poolings of growing sizes are emitted as a cascade with the same result: a pooling of 9 is one of
// 5 behind one of 5.
graph::Value SppfBottleneck(const Weights& w, graph::Value x, const SppSpec& spec,
                            const Style& style);

}  // namespace yoloport
