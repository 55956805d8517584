#include "models/pafpn.h"

#include <string>

#include "graph/ops.h"
#include "nn/conv_module.h"
#include "nn/csp_layer.h"

namespace yoloport::models {

using checkpoint::Weights;

std::vector<graph::Value> Pafpn(const Weights& w, const std::vector<graph::Value>& features,
                                const PafpnLayers& layers) {
  const std::size_t levels = features.size();
  const auto apply = [&](const NeckLayer& layer, const char* list, std::size_t at, graph::Value x,
                         std::size_t index) { return layer ? layer(w[list][at], x, index) : x; };
  const auto upsample = [&](std::size_t at, graph::Value x, std::size_t index) {
    if (layers.upsample) return layers.upsample(w["upsample_layers"][at], x, index);
    const graph::NameScope scope(x.graph(), w["upsample_layers"][at].prefix());
    return graph::Upsample(x, 2);
  };
  const auto join = [&](const char* list, std::size_t at, graph::Value a, graph::Value b) {
    const graph::NameScope scope(a.graph(), w[list][at].prefix());
    return graph::Concat({a, b}, 1);
  };
  std::vector<graph::Value> reduced;
  for (std::size_t i = 0; i < levels; ++i)
    reduced.push_back(apply(layers.reduce, "reduce_layers", i, features[i], i));

  const auto top_down_input = [&](std::size_t at, graph::Value high, std::size_t index) {
    if (layers.fuse) return layers.fuse(w["upsample_layers"][at], high, reduced, index);
    const graph::Value up = upsample(at, high, index);
    return layers.upsample_feats_cat_first ? join("top_down_layers", at, up, reduced[index - 1])
                                           : join("top_down_layers", at, reduced[index - 1], up);
  };
  std::vector<graph::Value> inner = reduced;  // inner.back() is the top level itself
  for (std::size_t i = levels - 1; i > 0; --i) {
    const std::size_t at = levels - 1 - i;
    const graph::Value joined = top_down_input(at, inner[i], i);
    inner[i - 1] = apply(layers.top_down, "top_down_layers", at, joined, i);
  }
  std::vector<graph::Value> outs = {inner[0]};
  for (std::size_t i = 0; i + 1 < levels; ++i) {
    const graph::Value down = apply(layers.downsample, "downsample_layers", i, outs.back(), i);
    const graph::Value joined = join("bottom_up_layers", i, down, inner[i + 1]);
    outs.push_back(apply(layers.bottom_up, "bottom_up_layers", i, joined, i));
  }
  for (std::size_t i = 0; i < levels; ++i) outs[i] = apply(layers.out, "out_layers", i, outs[i], i);
  return outs;
}

PafpnLayers CspPafpnLayers(const std::vector<std::int64_t>& channels, const CspPafpnParts& parts) {
  PafpnLayers layers;
  layers.reduce = [=](const Weights& w, graph::Value x, std::size_t index) {
    if (index + 1 < channels.size()) return x;
    return parts.conv(w, x, channels[index == 0 ? 0 : index - 1]);  // Python's channels[-1]
  };
  layers.top_down = [=](const Weights& w, graph::Value x, std::size_t index) {
    if (index == 1) return parts.csp(w, x, channels[0]);
    x = parts.csp(w[std::size_t{0}], x, channels[index - 1]);
    return parts.conv(w[1], x, channels[index - 2]);
  };
  layers.downsample = [=](const Weights& w, graph::Value x, std::size_t index) {
    return parts.downsample(w, x, channels[index]);
  };
  layers.bottom_up = [=](const Weights& w, graph::Value x, std::size_t index) {
    return parts.csp(w, x, channels[index + 1]);
  };
  return layers;
}

std::vector<graph::Value> CspPafpn(const Weights& w, const std::vector<graph::Value>& features,
                                   const CspPafpnSpec& spec, const nn::Style& style) {
  const auto csp = [&](const Weights& weights, graph::Value x, std::int64_t out) {
    return nn::CspLayer(weights, x,
                        {.out_channels = out,
                         .num_blocks = spec.num_blocks,
                         .expand_ratio = spec.expand_ratio,
                         .add_identity = false,
                         .use_depthwise = spec.depthwise_blocks,
                         .use_cspnext_block = spec.use_cspnext_block},
                        style);
  };
  const auto reduce = [&](const Weights& weights, graph::Value x, std::int64_t out) {
    return nn::ConvOrDepthwise(spec.depthwise_reduce, weights, x, {.out_channels = out}, style);
  };
  const auto downsample = [&](const Weights& weights, graph::Value x, std::int64_t out) {
    return nn::ConvOrDepthwise(spec.depthwise_downsample, weights, x,
                               {.out_channels = out, .kernel = 3, .stride = 2}, style);
  };
  PafpnLayers layers = CspPafpnLayers(spec.channels, {csp, reduce, downsample});
  layers.out = [&](const Weights& weights, graph::Value x, std::size_t) {
    return nn::ConvOrDepthwise(spec.depthwise_out, weights, x,
                               {.out_channels = spec.out_channels, .kernel = spec.out_kernel},
                               style);
  };
  return Pafpn(w, features, layers);
}

void RequireNearestUpsampling(const config::ConfigNode& config) {
  const auto upsample = config.Find("upsample_cfg");
  if (!upsample) return;
  const std::string mode = upsample->Get("mode", std::string("nearest"));
  if (mode != "nearest" || upsample->Get("scale_factor", 2.0) != 2) {
    upsample->Fail("only nearest upsampling by 2 is supported");
  }
}

}  // namespace yoloport::models
