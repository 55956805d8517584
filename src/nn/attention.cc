#include "nn/attention.h"

#include "graph/ops.h"
#include "nn/conv_module.h"
#include "nn/norm.h"
#include "nn/style.h"

namespace yoloport::nn {

using checkpoint::Weights;
using graph::Value;

Value ChannelAttention(const Weights& w, Value x) {
  const graph::NameScope scope(x.graph(), w.prefix());
  const Value mean = graph::GlobalAveragePool(x);
  const Value weight = Activate(Conv2d(w["fc"], mean, x.dim(1)), {ActivationKind::kHardSigmoid});
  return x * weight;
}

Value EffectiveSeLayer(const Weights& w, Value x, const Activation& act) {
  const graph::NameScope scope(x.graph(), w.prefix());
  const Value mean = graph::GlobalAveragePool(x);
  return x * Activate(w["activate"], Conv2d(w["fc"]["conv"], mean, x.dim(1)), act);
}

Value PpyoloeSeLayer(const Weights& w, Value x, Value mean, const Style& style) {
  const graph::NameScope scope(x.graph(), w.prefix());
  const Value weight = graph::Sigmoid(Conv2d(w["fc"], mean, x.dim(1)));
  return ConvModule(w["conv"], x * weight, {.out_channels = x.dim(1)}, style);
}

namespace {

// Mean and maximum side by side, as a map of two pixels: both go through `fc` at once.
Value ChannelWeights(const Weights& w, Value x, const CbamSpec& spec) {
  const auto middle = static_cast<std::int64_t>(static_cast<double>(x.dim(1)) / spec.reduce_ratio);
  const graph::NameScope scope(x.graph(), w.prefix());
  Value y = graph::Concat({graph::GlobalAveragePool(x), graph::GlobalMaxPool(x)}, 3);
  y = ConvModule(w["fc"][std::size_t{0}], y, {.out_channels = middle},
                 {{NormKind::kNone}, spec.act});
  y = ConvModule(w["fc"][1], y, {.out_channels = x.dim(1)},
                 {{NormKind::kNone}, {ActivationKind::kNone}});
  const std::vector<Value> both = graph::Split(y, 3, {1, 1});
  return graph::Sigmoid(both[0] + both[1]);
}

Value PixelWeights(const Weights& w, Value x, std::int64_t kernel_size) {
  const graph::NameScope scope(x.graph(), w.prefix());
  const Value y = graph::Concat({graph::ReduceMean(x, 1, true), graph::ReduceMax(x, 1, true)}, 1);
  return ConvModule(w["conv"], y, {.out_channels = 1, .kernel = kernel_size},
                    {{NormKind::kNone}, {ActivationKind::kSigmoid}});
}

// N x C x 1 x 1: the pixels' sum, each weighed by its share of attention.
Value AttentionPool(const Weights& w, Value x) {
  const Value mask = Conv2d(w["conv_mask"], x, 1);
  const Value shares = graph::Softmax(graph::Reshape(mask, tensor::Shape{0, 1, -1}));
  const Value pixels = graph::Reshape(x, tensor::Shape{0, x.dim(1), -1});
  const Value sum = graph::MatMul(pixels, graph::Transpose(shares, {0, 2, 1}));
  return graph::Reshape(sum, tensor::Shape{0, x.dim(1), 1, 1});
}

Value ContextTransform(const Weights& w, Value context, std::int64_t middle) {
  const NormSpec norm = {.kind = NormKind::kGroup, .eps = 1e-5};
  Value y = Conv2d(w[std::size_t{0}], context, middle);
  y = graph::Relu(GroupNorm(w[1], y, norm, {middle, 1, 1}));
  return Conv2d(w[3], y, context.dim(1));
}

}  // namespace

Value Cbam(const Weights& w, Value x, const CbamSpec& spec) {
  const graph::NameScope scope(x.graph(), w.prefix());
  x = ChannelWeights(w["channel_attention"], x, spec) * x;
  return PixelWeights(w["spatial_attention"], x, spec.kernel_size) * x;
}

Value ContextBlock(const Weights& w, Value x, const ContextSpec& spec) {
  const auto middle = static_cast<std::int64_t>(static_cast<double>(x.dim(1)) * spec.ratio);
  const graph::NameScope scope(x.graph(), w.prefix());
  const Value context = spec.attention_pooling ? AttentionPool(w, x) : graph::GlobalAveragePool(x);
  if (spec.channel_mul) {
    x = x * graph::Sigmoid(ContextTransform(w["channel_mul_conv"], context, middle));
  }
  return spec.channel_add ? x + ContextTransform(w["channel_add_conv"], context, middle) : x;
}

}  // namespace yoloport::nn
