#include "nn/style.h"

#include <cmath>

#include "graph/ops.h"

namespace yoloport::nn {
namespace {

using graph::Value;

// x * Phi(x) by the error function, which is what torch's default computes.
Value Gelu(Value x) {
  const Value inner = graph::Erf(x * (1.0 / std::sqrt(2.0))) + 1.0;
  return x * inner * 0.5;
}

}  // namespace

Value Activate(Value x, const Activation& act) {
  switch (act.kind) {
    case ActivationKind::kNone:
      return x;
    case ActivationKind::kRelu:
      return graph::Relu(x);
    case ActivationKind::kLeakyRelu:
      return graph::LeakyRelu(x, static_cast<float>(act.negative_slope));
    case ActivationKind::kSilu:
      return x * graph::Sigmoid(x);
    case ActivationKind::kSigmoid:
      return graph::Sigmoid(x);
    case ActivationKind::kHardSigmoid:
      return graph::HardSigmoid(x, 1.0F / 6, 0.5F);
    case ActivationKind::kHardSwish:
      return x * graph::HardSigmoid(x, 1.0F / 6, 0.5F);
    case ActivationKind::kTanh:
      return graph::Tanh(x);
    case ActivationKind::kGelu:
      return Gelu(x);
    case ActivationKind::kMish:
      return x * graph::Tanh(graph::Softplus(x));
  }
  return x;
}

}  // namespace yoloport::nn
