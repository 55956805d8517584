#include "nn/spp.h"

#include <algorithm>
#include <initializer_list>

#include "graph/ops.h"
#include "nn/conv_module.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;
using graph::Value;

Value PoolSame(Value x, std::int64_t size) { return graph::MaxPool(x, size, 1, size / 2); }

}  // namespace

// Max pooling of stride 1 with "same" padding composes: sizes a, then b, are a
// + b - 1 at once (padding never wins a maximum).
std::vector<Value> PoolingPyramid(Value x, const std::vector<std::int64_t>& sizes,
                                  std::int64_t repeats) {
  std::vector<Value> levels = {x};
  if (sizes.size() == 1) {
    for (std::int64_t i = 0; i < repeats; ++i) levels.push_back(PoolSame(levels.back(), sizes[0]));
    return levels;
  }
  std::int64_t reached = 1;
  for (const std::int64_t size : sizes) {
    const bool grows = size > reached;
    levels.push_back(grows ? PoolSame(levels.back(), size - reached + 1) : PoolSame(x, size));
    reached = grows ? size : reached;
  }
  return levels;
}

Value SppfBottleneck(const Weights& w, Value x, const SppSpec& spec, const Style& style) {
  if (spec.use_conv_first) {
    const auto middle =
        static_cast<std::int64_t>(static_cast<double>(x.dim(1)) * spec.mid_channels_scale);
    x = ConvModule(w["conv1"], x, {.out_channels = middle}, style);
  }
  const graph::NameScope scope(x.graph(), w.prefix());
  return ConvModule(w["conv2"], graph::Concat(PoolingPyramid(x, spec.kernel_sizes), 1),
                    {.out_channels = spec.out_channels}, style);
}

Value CspSppfBottleneck(const Weights& w, Value x, const SppSpec& spec, const Style& style) {
  const auto middle =
      spec.use_conv_first
          ? static_cast<std::int64_t>(static_cast<double>(x.dim(1)) * spec.mid_channels_scale)
          : x.dim(1);
  const auto conv = [&](const char* name, Value input, std::int64_t kernel) {
    return ConvModule(w[name], input, {.out_channels = middle, .kernel = kernel}, style);
  };
  Value main = x;
  if (spec.use_conv_first) main = conv("conv4", conv("conv3", conv("conv1", x, 1), 3), 1);
  const graph::NameScope scope(x.graph(), w.prefix());
  main = graph::Concat(PoolingPyramid(main, spec.kernel_sizes), 1);
  main = conv("conv6", conv("conv5", main, 1), 3);
  const Value joined = graph::Concat({conv("conv2", x, 1), main}, 1);
  return ConvModule(w["conv7"], joined, {.out_channels = spec.out_channels}, style);
}

Value SppfCspBlock(const Weights& w, Value x, const SppfCspSpec& spec, const Style& style) {
  const auto middle =
      static_cast<std::int64_t>(2 * static_cast<double>(spec.out_channels) * spec.expand_ratio);
  // One ConvModule, or those of these kernel sizes one behind another.
  const auto layers = [&](const Weights& weights, Value y, std::initializer_list<int> kernels) {
    if (spec.is_tiny_version) return ConvModule(weights, y, {.out_channels = middle}, style);
    std::size_t at = 0;
    for (const std::int64_t kernel : kernels) {
      y = ConvModule(weights[at++], y, {.out_channels = middle, .kernel = kernel}, style);
    }
    return y;
  };
  const graph::NameScope scope(x.graph(), w.prefix());
  std::vector<Value> levels =
      PoolingPyramid(layers(w["main_layers"], x, {1, 3, 1}), spec.kernel_sizes);
  if (spec.is_tiny_version) std::reverse(levels.begin(), levels.end());
  const Value main = layers(w["fuse_layers"], graph::Concat(levels, 1), {1, 3});
  const Value shortcut = ConvModule(w["short_layer"], x, {.out_channels = middle}, style);
  return ConvModule(w["final_conv"], graph::Concat({main, shortcut}, 1),
                    {.out_channels = spec.out_channels}, style);
}

}  // namespace yoloport::nn
