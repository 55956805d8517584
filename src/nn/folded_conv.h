// A convolution with all that follows it linearly - BatchNorm, implicit layers, parallel branches -
// folded into one weight and one bias while the graph is built.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "graph/ops.h"
#include "nn/style.h"
#include "tensor/tensor.h"

namespace yoloport::nn {

// The bias is known at once; the weight is computed when the file is written (see
// graph::LazyTensor).
struct FoldedConv {
  tensor::Shape shape;                     // out x in/groups x kH x kW
  std::function<tensor::Tensor()> weight;  // dense float32 of that shape
  std::vector<float> bias;                 // out
};

// The scale and shift that a BatchNorm is at inference: scale = weight / sqrt(running_var + eps),
// shift = bias - running_mean * scale. `channels` long each. Without `affine` weight is 1, bias 0.
struct ScaleShift {
  std::vector<float> scale;
  std::vector<float> shift;
};
ScaleShift TakeBatchNorm(const checkpoint::Weights& norm, std::int64_t channels,
                         const NormSpec& spec);

// `conv.weight` and, if there is one, `conv.bias`.
FoldedConv TakeConv(const checkpoint::Weights& conv, const tensor::Shape& shape, bool with_bias);

// A matrix (out x in, keys `KEYSweight` and, with `has_bias`, `KEYSbias`) as a 1 x 1 convolution.
FoldedConv TakeMatrix(const checkpoint::Weights& w, std::int64_t out, std::int64_t in,
                      bool has_bias, const std::string& keys = "");

// conv followed by a scale and shift a channel.
FoldedConv Then(FoldedConv conv, ScaleShift norm);

// What passes its input on, as a convolution: ones in the middle of kernels of `size`.
FoldedConv IdentityConv(std::int64_t channels, std::int64_t groups, std::int64_t size);

// The sum of parallel convolutions of equal stride; smaller kernels are padded to `a`'s size.
FoldedConv Parallel(FoldedConv a, FoldedConv b);

// Output channel `i` becomes what channel `order[i]` was; channels may be left out.
FoldedConv WithOutputs(FoldedConv conv, std::vector<std::int64_t> order);

// Elements in the type that a network computes in. Throws ModelError where one is too large for it.
tensor::Tensor WeightAs(const tensor::Tensor& tensor, tensor::DType dtype, const std::string& name);

// Adds the node, named `name`, in x's element type, its weight and bias `name.weight` and
// `name.bias`. A bias of zeros is left out.
graph::Value Emit(graph::Value x, FoldedConv conv, const graph::ConvSpec& spec,
                  const std::string& name);

}  // namespace yoloport::nn
