// Attention within windows of a map, the blocks of the Swin Transformer (mmdet).
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

struct WindowAttentionSpec {
  std::int64_t num_heads = 1;
  std::int64_t window_size = 7;
  std::int64_t shift_size = 0;  // how far windows are moved to the bottom right; 0: not at all
  bool qkv_bias = true;
  double scale = 0;  // of the queries; 0: 1 / sqrt(their width)
};

// mmdet's ShiftWindowMSA. The map is padded by zeros to whole windows. Keys: `w_msa.qkv`,
// `w_msa.proj`, `w_msa.relative_position_bias_table`. x: N x H x W x C, H and W known.
graph::Value ShiftWindowMsa(const checkpoint::Weights& w, graph::Value x,
                            const WindowAttentionSpec& spec);

struct SwinBlockSpec {
  WindowAttentionSpec attention;
  std::int64_t feedforward_channels = 0;
  double eps = 1e-5;  // of the LayerNorms
  Activation act = {ActivationKind::kGelu};
};

// mmdet's SwinBlock: attention (`norm1`, `attn`) and two layers on each pixel (`norm2`, `ffn`),
// each added to what it got. x: N x H x W x C.
graph::Value SwinBlock(const checkpoint::Weights& w, graph::Value x, const SwinBlockSpec& spec);

}  // namespace yoloport::nn
