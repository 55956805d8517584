// The blocks of the Pyramid Vision Transformer (mmdet): attention to a smaller copy of the map.
#pragma once

#include <cstdint>

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

struct SpatialReductionSpec {
  std::int64_t num_heads = 1;  // x's channels must be a multiple
  std::int64_t sr_ratio = 1;   // of height and width; 1: attention to the map itself
  bool qkv_bias = true;        // of the output's layer, too, as in torch's MultiheadAttention
  double eps = 1e-6;           // of the LayerNorm behind the reduction
};

// mmdet's SpatialReductionAttention, without the sum with its input. Keys: `attn.in_proj_weight`
// and `attn.in_proj_bias` (queries, keys, values), `attn.out_proj`; for the smaller copy `sr`, a
// convolution of kernel and stride sr_ratio, and `norm`. x: N x C x H x W.
graph::Value SpatialReductionAttention(const checkpoint::Weights& w, graph::Value x,
                                       const SpatialReductionSpec& spec);

struct PvtEncoderSpec {
  SpatialReductionSpec attention;  // its eps is that of all LayerNorms
  std::int64_t feedforward_channels = 0;
  bool use_conv_ffn = false;  // a depthwise 3 x 3 convolution between the two layers
  Activation act = {ActivationKind::kGelu};
};

// mmdet's PVTEncoderLayer: attention (`norm1`, `attn`) and two layers on each pixel (`norm2`,
// `ffn`), each added to what it got. x: N x C x H x W.
graph::Value PvtEncoderLayer(const checkpoint::Weights& w, graph::Value x,
                             const PvtEncoderSpec& spec);

}  // namespace yoloport::nn
