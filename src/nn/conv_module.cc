#include "nn/conv_module.h"

#include "nn/norm.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;

graph::ConvSpec Geometry(const ConvModuleSpec& spec) {
  const std::int64_t same = spec.dilation * (spec.kernel / 2);
  return {spec.stride, spec.padding < 0 ? same : spec.padding, spec.dilation, spec.groups};
}

}  // namespace

FoldedConv TakeConvModule(const Weights& w, std::int64_t in_channels, const ConvModuleSpec& spec,
                          const NormSpec& norm) {
  const tensor::Shape shape = {spec.out_channels, in_channels / spec.groups, spec.kernel,
                               spec.kernel};
  FoldedConv conv = TakeConv(w["conv"], shape, norm.kind == NormKind::kNone || spec.bias_with_norm);
  if (norm.kind != NormKind::kBatch) return conv;
  return Then(std::move(conv), TakeBatchNorm(w[norm.name], spec.out_channels, norm));
}

graph::Value NormAndActivation(const Weights& w, graph::Value x, const Style& style) {
  if (!style.norm.Folds()) x = Normalize(w[style.norm.name], x, style.norm);
  return Activate(w["activate"], x, style.act);
}

graph::Value ConvModule(const Weights& w, graph::Value x, const ConvModuleSpec& spec,
                        const Style& style) {
  const graph::NameScope scope(x.graph(), w.prefix());
  FoldedConv conv = TakeConvModule(w, x.dim(1), spec, style.norm);
  x = Emit(x, std::move(conv), Geometry(spec), w.prefix() + ".conv");
  return NormAndActivation(w, x, style);
}

graph::Value DepthwiseSeparableConvModule(const Weights& w, graph::Value x,
                                          const ConvModuleSpec& spec, const Style& style) {
  ConvModuleSpec depthwise = spec;
  depthwise.out_channels = depthwise.groups = x.dim(1);
  x = ConvModule(w["depthwise_conv"], x, depthwise, style);
  return ConvModule(w["pointwise_conv"], x, {.out_channels = spec.out_channels}, style);
}

graph::Value ConvOrDepthwise(bool use_depthwise, const Weights& w, graph::Value x,
                             const ConvModuleSpec& spec, const Style& style) {
  return use_depthwise ? DepthwiseSeparableConvModule(w, x, spec, style)
                       : ConvModule(w, x, spec, style);
}

graph::Value ConvAndNorm(const Weights& conv, const Weights& norm, graph::Value x,
                         const ConvModuleSpec& spec, const NormSpec& norm_spec) {
  const tensor::Shape shape = {spec.out_channels, x.dim(1) / spec.groups, spec.kernel, spec.kernel};
  FoldedConv folded = TakeConv(conv, shape, norm_spec.kind == NormKind::kNone);
  if (norm_spec.kind == NormKind::kBatch) {
    folded = Then(std::move(folded), TakeBatchNorm(norm, spec.out_channels, norm_spec));
  }
  x = Emit(x, std::move(folded), Geometry(spec), conv.prefix());
  return norm_spec.Folds() ? x : Normalize(norm, x, norm_spec);
}

graph::Value Conv2d(const Weights& w, graph::Value x, std::int64_t out_channels,
                    std::int64_t kernel) {
  FoldedConv conv = TakeConv(w, {out_channels, x.dim(1), kernel, kernel}, true);
  return Emit(x, std::move(conv), {.padding = kernel / 2}, w.prefix());
}

graph::Value ConvTranspose2d(const Weights& w, graph::Value x, std::int64_t out_channels,
                             std::int64_t kernel, std::int64_t stride) {
  graph::Graph& g = x.graph();
  const tensor::Shape shape = {x.dim(1), out_channels, kernel, kernel};
  const tensor::Tensor weight = w.Take("weight", shape);
  const std::string weight_name = w.prefix() + ".weight";
  const std::string bias_name = w.prefix() + ".bias";
  const tensor::Tensor bias = WeightAs(w.Take("bias", {out_channels}), x.dtype(), bias_name);
  const graph::LazyTensor lazy = {x.dtype(), shape, [weight, dtype = x.dtype(), weight_name] {
                                    return WeightAs(weight, dtype, weight_name);
                                  }};
  return graph::ConvTranspose(x, g.Constant(lazy, weight_name), g.Constant(bias, bias_name), stride,
                              w.prefix());
}

}  // namespace yoloport::nn
