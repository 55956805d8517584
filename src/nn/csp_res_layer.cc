#include "nn/csp_res_layer.h"

#include "graph/ops.h"
#include "nn/attention.h"
#include "nn/conv_module.h"
#include "nn/rep_vgg.h"
#include "nn/spp.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;
using graph::Value;

Value Blocks(const Weights& w, Value x, const CspResSpec& spec, const Style& style) {
  for (std::int64_t i = 0; i < spec.num_blocks; ++i) {
    x = PpyoloeBasicBlock(w[static_cast<std::size_t>(i)], x, spec.block);
    if (spec.use_spp && i == (spec.num_blocks - 1) / 2) {
      const SppSpec spp = {
          .out_channels = x.dim(1), .kernel_sizes = {5, 9, 13}, .use_conv_first = false};
      x = SppfBottleneck(w["spp"], x, spp, style);
    }
  }
  return x;
}

}  // namespace

Value PpyoloeBasicBlock(const Weights& w, Value x, const PpyoloeBlockSpec& spec) {
  const std::int64_t channels = x.dim(1);
  Value y = ConvModule(w["conv1"], x, {.out_channels = channels, .kernel = 3}, spec.style);
  y = RepVggBlock(w["conv2"], y,
                  {.out_channels = channels, .use_bn_first = false, .use_alpha = spec.use_alpha},
                  spec.style);
  if (!spec.shortcut) return y;
  const graph::NameScope scope(x.graph(), w.prefix());
  return x + y;
}

Value CspResLayer(const Weights& w, Value x, const CspResSpec& spec, const Style& style) {
  std::int64_t middle = spec.out_channels / 2;
  if (spec.downsample) {
    const std::int64_t channels = (x.dim(1) + spec.out_channels) / 2;
    middle = channels / 2;
    x = ConvModule(w["conv_down"], x, {.out_channels = channels, .kernel = 3, .stride = 2}, style);
  }
  const Value shortcut = ConvModule(w["conv1"], x, {.out_channels = middle}, style);
  const Value main = ConvModule(w["conv2"], x, {.out_channels = middle}, style);
  const Value refined = Blocks(w["blocks"], main, spec, style);
  const graph::NameScope scope(x.graph(), w.prefix());
  Value joined = graph::Concat({shortcut, refined}, 1);
  if (spec.attention) joined = EffectiveSeLayer(w["attn"], joined, *spec.attention);
  return ConvModule(w["conv3"], joined, {.out_channels = spec.out_channels}, style);
}

}  // namespace yoloport::nn
