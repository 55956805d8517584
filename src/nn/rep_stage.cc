#include "nn/rep_stage.h"

#include <algorithm>

#include "graph/ops.h"
#include "nn/conv_module.h"
#include "nn/rep_vgg.h"

namespace yoloport::nn {

using checkpoint::Weights;
using graph::Value;

Value RepBlock(const Weights& w, Value x, std::int64_t out_channels, std::int64_t stride,
               const RepBlockSpec& spec) {
  if (spec.kind == RepBlockSpec::Kind::kConvWrapper) {
    return ConvModule(
        w["block"], x,
        {.out_channels = out_channels, .kernel = 3, .stride = stride, .bias_with_norm = spec.bias},
        spec.style);
  }
  return RepVggBlock(w, x,
                     {.out_channels = out_channels,
                      .stride = stride,
                      .use_bn_first = spec.use_bn_first,
                      .use_alpha = spec.use_alpha,
                      .deploy = spec.deploy},
                     spec.style);
}

Value BottleRep(const Weights& w, Value x, std::int64_t out_channels, const RepBlockSpec& spec) {
  Value y = RepBlock(w["conv1"], x, out_channels, 1, spec);
  y = RepBlock(w["conv2"], y, out_channels, 1, spec);
  // The weight is in the checkpoint even where nothing is added.
  const tensor::Tensor alpha = w.Take("alpha", {1}).To(tensor::DType::kFloat32);
  if (x.dim(1) != out_channels) return y;
  const graph::NameScope scope(x.graph(), w.prefix());
  return y + x * static_cast<double>(alpha.values<float>()[0]);
}

Value RepStageBlock(const Weights& w, Value x, std::int64_t out_channels, std::int64_t num_blocks,
                    const RepBlockSpec& spec) {
  x = RepBlock(w["conv1"], x, out_channels, 1, spec);
  for (std::int64_t i = 1; i < num_blocks; ++i) {
    x = RepBlock(w["block"][static_cast<std::size_t>(i - 1)], x, out_channels, 1, spec);
  }
  return x;
}

Value BepC3StageBlock(const Weights& w, Value x, const BepC3Spec& spec, const RepBlockSpec& block,
                      const Style& style) {
  const auto hidden =
      static_cast<std::int64_t>(static_cast<double>(spec.out_channels) * spec.hidden_ratio);
  Value main = ConvModule(w["conv1"], x, {.out_channels = hidden}, style);
  main = BottleRep(w["block"]["conv1"], main, hidden, block);
  for (std::int64_t i = 1; i < spec.num_blocks / 2; ++i) {
    main = BottleRep(w["block"]["block"][static_cast<std::size_t>(i - 1)], main, hidden, block);
  }
  const Value shortcut = ConvModule(w["conv2"], x, {.out_channels = hidden}, style);
  const graph::NameScope scope(x.graph(), w.prefix());
  return ConvModule(w["conv3"], graph::Concat({main, shortcut}, 1),
                    {.out_channels = spec.out_channels}, style);
}

Value BiFusion(const Weights& w, Value high, Value current, Value low, std::int64_t out_channels,
               const Style& style) {
  const ConvModuleSpec plain = {.out_channels = out_channels};
  const ConvModuleSpec down = {.out_channels = out_channels, .kernel = 3, .stride = 2};
  const Value from_high = ConvTranspose2d(w["upsample"], high, out_channels, 2, 2);
  const Value from_current = ConvModule(w["conv1"], current, plain, style);
  const Value from_low =
      ConvModule(w["downsample"], ConvModule(w["conv2"], low, plain, style), down, style);
  const graph::NameScope scope(high.graph(), w.prefix());
  return ConvModule(w["conv3"], graph::Concat({from_high, from_current, from_low}, 1), plain,
                    style);
}

}  // namespace yoloport::nn
