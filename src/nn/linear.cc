#include "nn/linear.h"

#include <string>

#include "graph/fold.h"
#include "graph/ops.h"
#include "nn/folded_conv.h"

namespace yoloport::nn {

graph::Value Linear(const checkpoint::Weights& w, graph::Value x, std::int64_t out_features,
                    bool has_bias) {
  graph::Graph& g = x.graph();
  const std::int64_t in_features = x.dim(-1);
  const graph::NameScope scope(g, w.prefix());
  const std::string name = w.prefix() + ".weight";
  const tensor::Tensor weight = w.Take("weight", {out_features, in_features});
  const auto make = [weight, dtype = x.dtype(), name] {
    return WeightAs(graph::FoldTranspose(weight, {1, 0}), dtype, name);
  };
  x = graph::MatMul(
      x, g.Constant(graph::LazyTensor{x.dtype(), {in_features, out_features}, make}, name));
  if (!has_bias) return x;
  const std::string bias = w.prefix() + ".bias";
  return x + g.Constant(WeightAs(w.Take("bias", {out_features}), x.dtype(), bias), bias);
}

}  // namespace yoloport::nn
