// mmcv's ConvModule and DepthwiseSeparableConvModule.
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/folded_conv.h"
#include "nn/style.h"

namespace yoloport::nn {

struct ConvModuleSpec {
  std::int64_t out_channels = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
  std::int64_t dilation = 1;
  std::int64_t padding = -1;    // -1: "same" for stride 1, that is dilation * (kernel / 2)
  bool bias_with_norm = false;  // mmcv's bias=True: a bias of its own even before a norm
};

// Convolution, norm, activation; with a bias of the convolution's own where there is no norm.
// Keys: `conv.weight`, `conv.bias` or the norm's (`bn.*`), `activate.weight` of activations that
// have one. x: N x C x H x W.
graph::Value ConvModule(const checkpoint::Weights& w, graph::Value x, const ConvModuleSpec& spec,
                        const Style& style);

// A ConvModule of each channel by itself (`depthwise_conv`), then one of 1 x 1 (`pointwise_conv`).
// Kernel, stride, dilation and padding of `spec` are those of the first.
graph::Value DepthwiseSeparableConvModule(const checkpoint::Weights& w, graph::Value x,
                                          const ConvModuleSpec& spec, const Style& style);

// One of the two, by `use_depthwise` of a config.
graph::Value ConvOrDepthwise(bool use_depthwise, const checkpoint::Weights& w, graph::Value x,
                             const ConvModuleSpec& spec, const Style& style);

// A convolution without a bias of its own (key `weight` below `conv`) and its norm, which stand
// side by side in mmdet's blocks, not in a ConvModule.
graph::Value ConvAndNorm(const checkpoint::Weights& conv, const checkpoint::Weights& norm,
                         graph::Value x, const ConvModuleSpec& spec, const NormSpec& norm_spec);

// torch's Conv2d with a bias, keys `weight` and `bias`: the last layer of most heads.
graph::Value Conv2d(const checkpoint::Weights& w, graph::Value x, std::int64_t out_channels,
                    std::int64_t kernel = 1);

// torch's ConvTranspose2d with a bias and no padding, keys `weight` and `bias`: enlarges H and W by
// `stride` where the kernel is of that size.
graph::Value ConvTranspose2d(const checkpoint::Weights& w, graph::Value x,
                             std::int64_t out_channels, std::int64_t kernel, std::int64_t stride);

// The convolution of a ConvModule as weights, its norm in them where that folds: for blocks that
// fold further.
FoldedConv TakeConvModule(const checkpoint::Weights& w, std::int64_t in_channels,
                          const ConvModuleSpec& spec, const NormSpec& norm);

// What follows that convolution in a ConvModule: a norm that does not fold, the activation.
graph::Value NormAndActivation(const checkpoint::Weights& w, graph::Value x, const Style& style);

}  // namespace yoloport::nn
