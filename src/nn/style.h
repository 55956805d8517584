// What all convolutions of a component have in common: normalisation and activation.
#pragma once

#include <string>

#include "graph/graph.h"

namespace yoloport::nn {

// `norm_cfg` of the BatchNorm family (BN, SyncBN ...): at inference all of them are one scale and
// one shift a channel.
struct NormSpec {
  bool present = true;
  double eps = 1e-5;
};

enum class ActivationKind {
  kNone,
  kRelu,
  kLeakyRelu,
  kSilu,  // also "Swish"
  kSigmoid,
  kHardSigmoid,  // torch's: relu6(x + 3) / 6
  kHardSwish,
  kTanh,
  kGelu,
  kMish,
};

struct Activation {
  ActivationKind kind = ActivationKind::kSilu;
  double negative_slope = 0.01;  // of kLeakyRelu
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

graph::Value Activate(graph::Value x, const Activation& act);

}  // namespace yoloport::nn
