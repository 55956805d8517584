#include "nn/rep_vgg.h"

#include <utility>
#include <vector>

#include "graph/ops.h"
#include "nn/conv_module.h"
#include "nn/norm.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;

constexpr std::int64_t kKernel = 3;

float TakeAlpha(const Weights& w) {
  const float alpha = w.Take("alpha", {1}).To(tensor::DType::kFloat32).values<float>()[0];
  // MMYOLO asks `if self.alpha`, so an alpha of exactly zero is not applied at all.
  return alpha == 0.0F ? 1.0F : alpha;
}

bool HasIdentity(const RepVggSpec& spec, std::int64_t in_channels) {
  return spec.use_bn_first && spec.stride == 1 && in_channels == spec.out_channels;
}

}  // namespace

FoldedConv MergeRepVgg(FoldedConv dense, FoldedConv one, float alpha,
                       std::optional<ScaleShift> identity, std::int64_t groups) {
  const std::int64_t channels = dense.shape[0];
  if (alpha != 1.0F) {
    const auto count = static_cast<std::size_t>(channels);
    one = Then(std::move(one), {std::vector<float>(count, alpha), std::vector<float>(count, 0.0F)});
  }
  FoldedConv merged = Parallel(std::move(dense), std::move(one));
  if (!identity) return merged;
  return Parallel(std::move(merged),
                  Then(IdentityConv(channels, groups, kKernel), std::move(*identity)));
}

FoldedConv TakeRepVgg(const Weights& w, std::int64_t in_channels, const RepVggSpec& spec,
                      const NormSpec& norm) {
  const std::int64_t channels = spec.out_channels;
  // What switch_to_deploy left says more than the config, which it does not change.
  if (!w.HasBelow("rbr_dense") && (spec.deploy || w.HasBelow("rbr_reparam"))) {
    w.Ignore("alpha");  // is in the sum
    return TakeConv(w["rbr_reparam"], {channels, in_channels / spec.groups, kKernel, kKernel},
                    true);
  }
  ConvModuleSpec conv = {.out_channels = channels, .kernel = kKernel, .groups = spec.groups};
  FoldedConv dense = TakeConvModule(w["rbr_dense"], in_channels, conv, norm);
  conv.kernel = 1;
  FoldedConv one = TakeConvModule(w["rbr_1x1"], in_channels, conv, norm);
  std::optional<ScaleShift> identity;
  if (HasIdentity(spec, in_channels)) {
    identity = TakeBatchNorm(w["rbr_identity"], channels, norm);
  }
  const float alpha = spec.use_alpha ? TakeAlpha(w) : 1.0F;
  return MergeRepVgg(std::move(dense), std::move(one), alpha, std::move(identity), spec.groups);
}

namespace {

// The branches as they were trained: norms that do not fold keep them apart.
graph::Value Branches(const Weights& w, graph::Value x, const RepVggSpec& spec,
                      const Style& style) {
  ConvModuleSpec conv = {.out_channels = spec.out_channels,
                         .kernel = kKernel,
                         .stride = spec.stride,
                         .groups = spec.groups};
  const Style plain = WithoutActivation(style);
  const graph::Value dense = ConvModule(w["rbr_dense"], x, conv, plain);
  conv.kernel = 1;
  const graph::Value one = ConvModule(w["rbr_1x1"], x, conv, plain);
  const double alpha = spec.use_alpha ? TakeAlpha(w) : 1.0;
  const graph::NameScope scope(x.graph(), w.prefix());
  const graph::Value sum = dense + one * alpha;
  if (!HasIdentity(spec, x.dim(1))) return sum;
  return sum + Normalize(w["rbr_identity"], x, style.norm);
}

}  // namespace

graph::Value RepVggBlock(const Weights& w, graph::Value x, const RepVggSpec& spec,
                         const Style& style) {
  const graph::NameScope scope(x.graph(), w.prefix());
  if (!style.norm.Folds() && !spec.deploy) {
    return Activate(w["nonlinearity"], Branches(w, x, spec, style), style.act);
  }
  FoldedConv conv = TakeRepVgg(w, x.dim(1), spec, style.norm);
  const graph::ConvSpec geometry = {
      .stride = spec.stride, .padding = kKernel / 2, .groups = spec.groups};
  x = Emit(x, std::move(conv), geometry, w.prefix() + ".conv");
  return Activate(w["nonlinearity"], x, style.act);
}

}  // namespace yoloport::nn
