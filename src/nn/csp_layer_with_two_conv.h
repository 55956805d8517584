// mmyolo's CSPLayerWithTwoConv, the block of YOLOv8.
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

struct CspTwoConvSpec {
  std::int64_t out_channels = 0;
  std::int64_t num_blocks = 1;
  double expand_ratio = 0.5;
  bool add_identity = true;
};

// One 1 x 1 (`main_conv`) to two halves of out_channels * expand_ratio each; `blocks`, bottlenecks
// of two 3 x 3, one behind another on the second half; the halves and the result of every block
// joined by a 1 x 1 (`final_conv`). x: N x C x H x W.
graph::Value CspLayerWithTwoConv(const checkpoint::Weights& w, graph::Value x,
                                 const CspTwoConvSpec& spec, const Style& style);

}  // namespace yoloport::nn
