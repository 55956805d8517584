#include "nn/attention.h"

#include "graph/ops.h"
#include "nn/conv_module.h"
#include "nn/style.h"

namespace yoloport::nn {

using checkpoint::Weights;

graph::Value ChannelAttention(const Weights& w, graph::Value x) {
  const graph::NameScope scope(x.graph(), w.prefix());
  const graph::Value mean = graph::GlobalAveragePool(x);
  const graph::Value weight =
      Activate(Conv2d(w["fc"], mean, x.dim(1)), {ActivationKind::kHardSigmoid});
  return x * weight;
}

graph::Value EffectiveSeLayer(const Weights& w, graph::Value x, const Activation& act) {
  const graph::NameScope scope(x.graph(), w.prefix());
  const graph::Value mean = graph::GlobalAveragePool(x);
  return x * Activate(w["activate"], Conv2d(w["fc"]["conv"], mean, x.dim(1)), act);
}

graph::Value PpyoloeSeLayer(const Weights& w, graph::Value x, graph::Value mean,
                            const Style& style) {
  const graph::NameScope scope(x.graph(), w.prefix());
  const graph::Value weight = graph::Sigmoid(Conv2d(w["fc"], mean, x.dim(1)));
  return ConvModule(w["conv"], x * weight, {.out_channels = x.dim(1)}, style);
}

}  // namespace yoloport::nn
