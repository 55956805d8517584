#include "nn/csp_layer.h"

#include "graph/ops.h"
#include "nn/attention.h"
#include "nn/conv_module.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;
using graph::Value;

Value AddIdentity(const Weights& w, Value out, Value identity, const BottleneckSpec& spec) {
  if (!spec.add_identity || identity.dim(1) != spec.out_channels) return out;
  const graph::NameScope scope(out.graph(), w.prefix());
  return out + identity;
}

std::int64_t HiddenChannels(const BottleneckSpec& spec) {
  return static_cast<std::int64_t>(static_cast<double>(spec.out_channels) * spec.expansion);
}

}  // namespace

Value DarknetBottleneck(const Weights& w, Value x, const BottleneckSpec& spec, const Style& style) {
  const ConvModuleSpec first = {.out_channels = HiddenChannels(spec), .kernel = spec.first_kernel};
  Value y = ConvModule(w["conv1"], x, first, style);
  y = ConvOrDepthwise(spec.use_depthwise, w["conv2"], y,
                      {.out_channels = spec.out_channels, .kernel = 3}, style);
  return AddIdentity(w, y, x, spec);
}

Value CspNextBlock(const Weights& w, Value x, const BottleneckSpec& spec, const Style& style) {
  const ConvModuleSpec first = {.out_channels = HiddenChannels(spec), .kernel = 3};
  Value y = ConvOrDepthwise(spec.use_depthwise, w["conv1"], x, first, style);
  y = DepthwiseSeparableConvModule(w["conv2"], y, {.out_channels = spec.out_channels, .kernel = 5},
                                   style);
  return AddIdentity(w, y, x, spec);
}

Value CspLayer(const Weights& w, Value x, const CspSpec& spec, const Style& style) {
  const auto middle =
      static_cast<std::int64_t>(static_cast<double>(spec.out_channels) * spec.expand_ratio);
  const BottleneckSpec block = {middle, 1.0, spec.add_identity, spec.use_depthwise};
  const Value shortcut = ConvModule(w["short_conv"], x, {.out_channels = middle}, style);
  Value main = ConvModule(w["main_conv"], x, {.out_channels = middle}, style);
  for (std::int64_t i = 0; i < spec.num_blocks; ++i) {
    const Weights weights = w["blocks"][static_cast<std::size_t>(i)];
    main = spec.use_cspnext_block ? CspNextBlock(weights, main, block, style)
                                  : DarknetBottleneck(weights, main, block, style);
  }
  const graph::NameScope scope(x.graph(), w.prefix());
  Value joined = graph::Concat({main, shortcut}, 1);
  if (spec.channel_attention) joined = ChannelAttention(w["attention"], joined);
  return ConvModule(w["final_conv"], joined, {.out_channels = spec.out_channels}, style);
}

}  // namespace yoloport::nn
