// mmyolo's stages of re-parameterised blocks, and what YOLOv6 joins them with.
#pragma once

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::nn {

// What a `block_cfg` says: the block that a stage consists of. Its style is its own, not that of
// the network around it.
struct RepBlockSpec {
  enum class Kind {
    kRepVgg,       // RepVGGBlock
    kConvWrapper,  // a ConvModule of 3 x 3 under `block`
  };
  Kind kind = Kind::kRepVgg;
  Style style = {{NormKind::kBatch, 1e-3}, {ActivationKind::kRelu}};
  bool use_bn_first = true;  // these three: see RepVggSpec
  bool use_alpha = false;
  bool deploy = false;
  bool bias = true;  // of kConvWrapper: the convolution has a bias besides its norm
};

// One such block, 3 x 3. x: N x C x H x W.
graph::Value RepBlock(const checkpoint::Weights& w, graph::Value x, std::int64_t out_channels,
                      std::int64_t stride, const RepBlockSpec& spec);

// mmyolo's BottleRep: two blocks, `conv1` and `conv2`, and the input added where widths agree,
// weighed by the trained `alpha`.
graph::Value BottleRep(const checkpoint::Weights& w, graph::Value x, std::int64_t out_channels,
                       const RepBlockSpec& spec);

// mmyolo's RepStageBlock: `num_blocks` blocks one behind another, `conv1`, `block.0` ...
graph::Value RepStageBlock(const checkpoint::Weights& w, graph::Value x, std::int64_t out_channels,
                           std::int64_t num_blocks, const RepBlockSpec& spec);

struct BepC3Spec {
  std::int64_t out_channels = 0;
  std::int64_t num_blocks = 1;  // of 3 x 3 blocks; two make a BottleRep
  double hidden_ratio = 0.5;
};

// mmyolo's BepC3StageBlock: 1 x 1 (`conv1`) and a stage of BottleReps (`block`), joined by `conv3`
// with a 1 x 1 branch of the input (`conv2`). `style` is that of the 1 x 1 convolutions.
graph::Value BepC3StageBlock(const checkpoint::Weights& w, graph::Value x, const BepC3Spec& spec,
                             const RepBlockSpec& block, const Style& style);

// mmyolo's BiFusion: `high`, half as large, enlarged by `upsample`; `current` through `conv1`;
// `low`, twice as large, through `conv2` and `downsample`; all joined by `conv3`.
graph::Value BiFusion(const checkpoint::Weights& w, graph::Value high, graph::Value current,
                      graph::Value low, std::int64_t out_channels, const Style& style);

}  // namespace yoloport::nn
