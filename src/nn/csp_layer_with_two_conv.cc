#include "nn/csp_layer_with_two_conv.h"

#include <vector>

#include "graph/ops.h"
#include "nn/conv_module.h"
#include "nn/csp_layer.h"

namespace yoloport::nn {

using graph::Value;

Value CspLayerWithTwoConv(const checkpoint::Weights& w, Value x, const CspTwoConvSpec& spec,
                          const Style& style) {
  const auto half =
      static_cast<std::int64_t>(static_cast<double>(spec.out_channels) * spec.expand_ratio);
  const BottleneckSpec block = {
      .out_channels = half, .expansion = 1.0, .add_identity = spec.add_identity, .first_kernel = 3};
  const graph::NameScope scope(x.graph(), w.prefix());
  const Value main = ConvModule(w["main_conv"], x, {.out_channels = 2 * half}, style);
  std::vector<Value> parts = graph::Split(main, 1, {half, half});
  for (std::int64_t i = 0; i < spec.num_blocks; ++i) {
    const checkpoint::Weights weights = w["blocks"][static_cast<std::size_t>(i)];
    parts.push_back(DarknetBottleneck(weights, parts.back(), block, style));
  }
  return ConvModule(w["final_conv"], graph::Concat(parts, 1), {.out_channels = spec.out_channels},
                    style);
}

}  // namespace yoloport::nn
