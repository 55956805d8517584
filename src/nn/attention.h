// Attention blocks.
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

// mmdet's ChannelAttention: x * hardsigmoid(fc(mean over H and W)), fc a 1 x 1 convolution.
graph::Value ChannelAttention(const checkpoint::Weights& w, graph::Value x);

// mmyolo's EffectiveSELayer: x * act(fc(mean over H and W)), fc a ConvModule without norm
// (`fc.conv`).
graph::Value EffectiveSeLayer(const checkpoint::Weights& w, graph::Value x, const Activation& act);

// mmyolo's PPYOLOESELayer: conv(x * sigmoid(fc(mean))), fc a 1 x 1 convolution, conv a 1 x 1
// ConvModule. `mean`: that of x over H and W, N x C x 1 x 1, which a level's branches share.
graph::Value PpyoloeSeLayer(const checkpoint::Weights& w, graph::Value x, graph::Value mean,
                            const Style& style);

struct CbamSpec {
  double reduce_ratio = 16;
  std::int64_t kernel_size = 7;
  Activation act = {ActivationKind::kRelu};
};

// mmyolo's CBAM: x times a weight a channel (`channel_attention`: the sum of `fc`, two 1 x 1
// ConvModules without norm, of mean and maximum over H and W), and that times a weight a pixel
// (`spatial_attention`: one convolution of mean and maximum over the channels).
graph::Value Cbam(const checkpoint::Weights& w, graph::Value x, const CbamSpec& spec);

struct ContextSpec {
  double ratio = 1.0 / 16;        // width of the middle as a part of x's
  bool attention_pooling = true;  // `conv_mask` weighs the pixels; else their mean
  bool channel_mul = false;
  bool channel_add = true;
};

// mmcv's ContextBlock: one vector for the whole map, of which `channel_mul_conv` and
// `channel_add_conv` - 1 x 1, LayerNorm, ReLU, 1 x 1 - make a factor (by a sigmoid) and a summand a
// channel.
graph::Value ContextBlock(const checkpoint::Weights& w, graph::Value x, const ContextSpec& spec);

}  // namespace yoloport::nn
