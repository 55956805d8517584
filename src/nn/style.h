// What all convolutions of a component have in common: normalisation and activation.
#pragma once

#include <cstdint>

#include "checkpoint/weights.h"
#include "graph/graph.h"

namespace yoloport::nn {

enum class NormKind {
  kNone,
  kBatch,     // by statistics of the training: one scale and one shift a channel, which folds
  kGroup,     // by statistics of the map itself, over groups of channels
  kInstance,  // the same, of each channel by itself
};

// `norm_cfg`.
struct NormSpec {
  NormKind kind = NormKind::kBatch;
  double eps = 1e-5;
  const char* name = "bn";  // what mmcv's ConvModule calls it
  bool affine = true;       // it has a weight and a bias
  std::int64_t num_groups = 1;

  // Whether it is part of the convolution in front of it.
  bool Folds() const { return kind == NormKind::kNone || kind == NormKind::kBatch; }
};

enum class ActivationKind {
  kNone,
  kRelu,
  kLeakyRelu,
  kElu,
  kPrelu,  // its slopes are weights
  kClip,   // also ReLU6
  kSilu,   // also "Swish"
  kSigmoid,
  kHardSigmoid,  // max(low, min(high, alpha * x + beta)); by default torch's, relu6(x + 3) / 6
  kHardSwish,
  kTanh,
  kGelu,
  kGeluTanh,  // GELU's approximation by a hyperbolic tangent
  kMish,
};

struct Activation {
  ActivationKind kind = ActivationKind::kSilu;
  double slope = 0.01;              // of kLeakyRelu, of negative numbers; alpha of kElu
  double low = 0;                   // of kClip and kHardSigmoid
  double high = 1;                  // the same
  double alpha = 1.0 / 6;           // of kHardSigmoid
  double beta = 0.5;                // the same
  std::int64_t num_parameters = 1;  // of kPrelu: one slope for all channels, or one for each
};

struct Style {
  NormSpec norm;
  Activation act;
};

// The same style without an activation behind it.
inline Style WithoutActivation(Style style) {
  style.act.kind = ActivationKind::kNone;
  return style;
}

// `w`: where the activation stands in its module; the key `weight` for kPrelu, else none.
// x: N x C x H x W.
graph::Value Activate(const checkpoint::Weights& w, graph::Value x, const Activation& act);

// The same for activations without weights, on values of any rank.
graph::Value Activate(graph::Value x, const Activation& act);

}  // namespace yoloport::nn
