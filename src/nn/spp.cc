#include "nn/spp.h"

#include "graph/ops.h"
#include "nn/conv_module.h"

namespace yoloport {
namespace {

using graph::Value;

Value PoolSame(Value x, std::int64_t size) { return graph::MaxPool(x, size, 1, size / 2); }

// x and its poolings. Max pooling of stride 1 with "same" padding composes: sizes a, then b, are a
// + b - 1 at once (padding never wins a maximum).
std::vector<Value> Pyramid(Value x, const std::vector<std::int64_t>& sizes) {
  std::vector<Value> levels = {x};
  if (sizes.size() == 1) {
    for (int i = 0; i < 3; ++i) levels.push_back(PoolSame(levels.back(), sizes[0]));
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

}  // namespace

Value SppfBottleneck(const Weights& w, Value x, const SppSpec& spec, const Style& style) {
  if (spec.use_conv_first) {
    const auto middle =
        static_cast<std::int64_t>(static_cast<double>(x.dim(1)) * spec.mid_channels_scale);
    x = ConvModule(w["conv1"], x, {.out_channels = middle}, style);
  }
  const graph::NameScope scope(x.graph(), w.prefix());
  return ConvModule(w["conv2"], graph::Concat(Pyramid(x, spec.kernel_sizes), 1),
                    {.out_channels = spec.out_channels}, style);
}

}  // namespace yoloport
