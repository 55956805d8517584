#include "nn/attention.h"

#include "graph/ops.h"
#include "nn/conv_module.h"
#include "nn/style.h"

namespace yoloport {

graph::Value ChannelAttention(const Weights& w, graph::Value x) {
  const graph::NameScope scope(x.graph(), w.prefix());
  const graph::Value mean = graph::GlobalAveragePool(x);
  const graph::Value weight =
      Activate(Conv2d(w["fc"], mean, x.dim(1)), {ActivationKind::kHardSigmoid});
  return x * weight;
}

}  // namespace yoloport
