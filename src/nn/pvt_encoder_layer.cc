#include "nn/pvt_encoder_layer.h"

#include <cmath>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "graph/ops.h"
#include "nn/folded_conv.h"
#include "nn/norm.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;
using graph::Value;
using tensor::Shape;

// Of `projections` those with the channels `first` to `last`.
Value Project(const Weights& w, Value x, const FoldedConv& projections, std::int64_t first,
              std::int64_t last, const std::string& name) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(last - first));
  std::iota(rows.begin(), rows.end(), first);
  return Emit(x, WithOutputs(projections, std::move(rows)), {}, w.prefix() + name);
}

// A convolution with a bias that is named as a layer of its own.
Value BiasedConv(const Weights& w, Value x, const Shape& shape, const graph::ConvSpec& spec) {
  return Emit(x, TakeConv(w, shape, true), spec, w.prefix());
}

// N x C x H x W to N x heads x C / heads x pixels.
Value ToHeads(Value x, std::int64_t heads) {
  return graph::Reshape(x, Shape{0, heads, x.dim(1) / heads, -1});
}

Value MixFfn(const Weights& layers, Value x, const PvtEncoderSpec& spec) {
  const std::int64_t channels = x.dim(1);
  const std::int64_t middle = spec.feedforward_channels;
  std::size_t at = 0;
  Value y = BiasedConv(layers[at++], x, {middle, channels, 1, 1}, {});
  if (spec.use_conv_ffn) {
    y = BiasedConv(layers[at++], y, {middle, 1, 3, 3}, {.padding = 1, .groups = middle});
  }
  y = Activate(layers[at++], y, spec.act);
  ++at;  // dropout
  return BiasedConv(layers[at], y, {channels, middle, 1, 1}, {});
}

}  // namespace

Value SpatialReductionAttention(const Weights& w, Value x, const SpatialReductionSpec& spec) {
  const std::int64_t channels = x.dim(1);
  const std::int64_t ratio = spec.sr_ratio;
  const graph::NameScope scope(x.graph(), w.prefix());
  Value reduced = x;
  if (ratio > 1) {
    reduced = BiasedConv(w["sr"], x, {channels, channels, ratio, ratio}, {.stride = ratio});
    reduced = LayerNorm2d(w["norm"], reduced, spec.eps);
  }
  const Weights attn = w["attn"];
  const FoldedConv projections =
      TakeMatrix(attn, 3 * channels, channels, spec.qkv_bias, "in_proj_");
  const std::int64_t width = channels / spec.num_heads;  // of a head
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  const Value q = ToHeads(Project(attn, x, projections, 0, channels, ".q"), spec.num_heads) * scale;
  const Value kv = Project(attn, reduced, projections, channels, 3 * channels, ".kv");
  const std::vector<Value> parts = graph::Split(kv, 1, {channels, channels});
  const Value k = ToHeads(parts[0], spec.num_heads);
  const Value v = ToHeads(parts[1], spec.num_heads);
  const Value attention = graph::Softmax(graph::MatMul(graph::Transpose(q, {0, 1, 3, 2}), k));
  const Value seen = graph::MatMul(attention, graph::Transpose(v, {0, 1, 3, 2}));
  const Value map = graph::ReshapeLike(graph::Transpose(seen, {0, 1, 3, 2}), x);
  const Weights out = attn["out_proj"];
  FoldedConv conv = TakeMatrix(out, channels, channels, spec.qkv_bias);
  return Emit(map, std::move(conv), {}, out.prefix());
}

Value PvtEncoderLayer(const Weights& w, Value x, const PvtEncoderSpec& spec) {
  const double eps = spec.attention.eps;
  const graph::NameScope scope(x.graph(), w.prefix());
  x = x + SpatialReductionAttention(w["attn"], LayerNorm2d(w["norm1"], x, eps), spec.attention);
  return x + MixFfn(w["ffn"]["layers"], LayerNorm2d(w["norm2"], x, eps), spec);
}

}  // namespace yoloport::nn
