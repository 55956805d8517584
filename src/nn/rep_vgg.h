// mmyolo's RepVGGBlock, re-parameterised: its parallel branches become one 3 x 3 convolution, if
// their norms fold.
#pragma once

#include <optional>

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/folded_conv.h"
#include "nn/style.h"

namespace yoloport::nn {

struct RepVggSpec {
  std::int64_t out_channels = 0;
  std::int64_t stride = 1;
  std::int64_t groups = 1;
  bool use_bn_first = true;  // the input's own BatchNorm is a branch, where shapes allow it
  bool use_alpha = false;    // `alpha` weighs the 1 x 1 branch
  bool deploy = false;       // trained branches were merged before: `rbr_reparam` holds the sum
};

// act(dense(x) + alpha * one(x) + identity(x)). Keys: `rbr_dense` and `rbr_1x1`, ConvModules of
// 3 x 3 and 1 x 1; `rbr_identity`, a norm, with use_bn_first where stride is 1 and the width
// stays; `alpha`. Where the checkpoint has `rbr_reparam` instead, that is taken. x: N x C x H x W.
graph::Value RepVggBlock(const checkpoint::Weights& w, graph::Value x, const RepVggSpec& spec,
                         const Style& style);

// The folded convolution alone; `norm` must fold.
FoldedConv TakeRepVgg(const checkpoint::Weights& w, std::int64_t in_channels,
                      const RepVggSpec& spec, const NormSpec& norm);

// The sum of the branches, one of them weighed by `alpha`. `identity`: none, or the BatchNorm of
// the input, whose width is then dense's.
FoldedConv MergeRepVgg(FoldedConv dense, FoldedConv one, float alpha,
                       std::optional<ScaleShift> identity, std::int64_t groups);

}  // namespace yoloport::nn
