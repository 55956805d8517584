// YOLOv7's blocks: efficient layer aggregation, and its ways to halve height and width.
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

struct ElanSpec {
  std::int64_t out_channels = 0;
  double middle_ratio = 0.5;  // widths as parts of the input's
  double block_ratio = 0.5;
  std::int64_t num_blocks = 2;
  std::int64_t num_convs_in_block = 1;
};

// mmyolo's ELANBlock: two 1 x 1 branches of the input (`main_conv`, `short_conv`), 3 x 3 `blocks`
// one behind another on the first, and all their results joined by `final_conv`, the last block
// first.
graph::Value ElanBlock(const checkpoint::Weights& w, graph::Value x, const ElanSpec& spec,
                       const Style& style);

// mmyolo's EELANBlock: the sum of `num_elan_blocks` ELANBlocks side by side (`e_elan_blocks`).
graph::Value EelanBlock(const checkpoint::Weights& w, graph::Value x, std::int64_t num_elan_blocks,
                        const ElanSpec& spec, const Style& style);

struct PoolAndConvSpec {
  std::int64_t out_channels = 0;
  std::int64_t maxpool_kernel_size = 2;    // and stride
  bool use_in_channels_of_middle = false;  // width of the middle: the input's, or half the output's
};

// mmyolo's MaxPoolAndStrideConvBlock: `stride_conv_branches` (1 x 1, then 3 x 3 of stride 2) and
// `maxpool_branches` (pooling, then 1 x 1), each half of the output's width.
graph::Value MaxPoolAndStrideConvBlock(const checkpoint::Weights& w, graph::Value x,
                                       const PoolAndConvSpec& spec, const Style& style);

struct TinyDownSampleSpec {
  std::int64_t out_channels = 0;
  double middle_ratio = 1.0;
  std::int64_t kernel_size = 3;
};

// mmyolo's TinyDownSampleBlock (which keeps height and width): a 1 x 1 branch (`short_conv`) and
// three convolutions one behind another (`main_convs`), all joined by `final_conv`, the last first.
graph::Value TinyDownSampleBlock(const checkpoint::Weights& w, graph::Value x,
                                 const TinyDownSampleSpec& spec, const Style& style);

}  // namespace yoloport::nn
