#include "nn/style.h"

#include <cassert>
#include <cmath>
#include <numbers>

#include "graph/ops.h"
#include "nn/folded_conv.h"

namespace yoloport::nn {
namespace {

using graph::Value;

// x * Phi(x) by the error function, which is what torch's default computes.
Value Gelu(Value x) {
  const Value inner = graph::Erf(x * (1.0 / std::sqrt(2.0))) + 1.0;
  return x * inner * 0.5;
}

Value GeluTanh(Value x) {
  constexpr double kCubic = 0.044715;
  const Value inner = (x + x * x * x * kCubic) * std::sqrt(2 / std::numbers::pi);
  return x * (graph::Tanh(inner) + 1.0) * 0.5;
}

Value HardSigmoid(Value x, const Activation& act) {
  if (act.low == 0 && act.high == 1) {
    return graph::HardSigmoid(x, static_cast<float>(act.alpha), static_cast<float>(act.beta));
  }
  return graph::Clip(x * act.alpha + act.beta, static_cast<float>(act.low),
                     static_cast<float>(act.high));
}

Value Prelu(const checkpoint::Weights& w, Value x, std::int64_t num_parameters) {
  const std::string name = w.prefix() + ".weight";
  const tensor::Tensor slopes = WeightAs(w.Take("weight", {num_parameters}), x.dtype(), name);
  return graph::PRelu(x, x.graph().Constant(slopes.Reshaped({num_parameters, 1, 1}), name));
}

}  // namespace

Value Activate(const checkpoint::Weights& w, Value x, const Activation& act) {
  return act.kind == ActivationKind::kPrelu ? Prelu(w, x, act.num_parameters) : Activate(x, act);
}

Value Activate(Value x, const Activation& act) {
  switch (act.kind) {
    case ActivationKind::kNone:
      return x;
    case ActivationKind::kRelu:
      return graph::Relu(x);
    case ActivationKind::kLeakyRelu:
      return graph::LeakyRelu(x, static_cast<float>(act.slope));
    case ActivationKind::kElu:
      return graph::Elu(x, static_cast<float>(act.slope));
    case ActivationKind::kPrelu:
      assert(!"needs its weights");
      return x;
    case ActivationKind::kClip:
      return graph::Clip(x, static_cast<float>(act.low), static_cast<float>(act.high));
    case ActivationKind::kSilu:
      return x * graph::Sigmoid(x);
    case ActivationKind::kSigmoid:
      return graph::Sigmoid(x);
    case ActivationKind::kHardSigmoid:
      return HardSigmoid(x, act);
    case ActivationKind::kHardSwish:
      return x * graph::HardSigmoid(x, 1.0F / 6, 0.5F);
    case ActivationKind::kTanh:
      return graph::Tanh(x);
    case ActivationKind::kGelu:
      return Gelu(x);
    case ActivationKind::kGeluTanh:
      return GeluTanh(x);
    case ActivationKind::kMish:
      return x * graph::Tanh(graph::Softplus(x));
  }
  return x;
}

}  // namespace yoloport::nn
