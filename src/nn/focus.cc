#include "nn/focus.h"

#include <array>
#include <cstddef>
#include <utility>

#include "nn/folded_conv.h"

namespace yoloport::nn {
namespace {

using tensor::Tensor;

// Where the pixels of each stacked image lie in a 2 x 2 block: row, column.
constexpr std::array<std::array<std::int64_t, 2>, 4> kPatches = {{{0, 0}, {1, 0}, {0, 1}, {1, 1}}};

}  // namespace

Tensor FocusKernel(const Tensor& weight) {
  const Tensor dense = weight.To(tensor::DType::kFloat32);
  const auto from = dense.values<float>();
  const std::int64_t outputs = weight.shape()[0];
  const std::int64_t channels = weight.shape()[1] / 4;
  const std::int64_t kernel = weight.shape()[2];
  const std::int64_t size = 2 * kernel;
  std::vector<float> to(from.size());
  std::size_t at = 0;
  for (std::int64_t o = 0; o < outputs; ++o) {
    for (const auto& [row, column] : kPatches) {
      for (std::int64_t c = 0; c < channels; ++c) {
        for (std::int64_t y = 0; y < kernel; ++y) {
          for (std::int64_t x = 0; x < kernel; ++x) {
            const std::int64_t line = (o * channels + c) * size + 2 * y + row;
            to[static_cast<std::size_t>(line * size + 2 * x + column)] = from[at++];
          }
        }
      }
    }
  }
  return Tensor::Of<float>({outputs, channels, size, size}, std::move(to));
}

graph::Value Focus(const checkpoint::Weights& w, graph::Value image, const ConvModuleSpec& spec,
                   const Style& style) {
  const checkpoint::Weights module = w["conv"];
  const graph::NameScope scope(image.graph(), module.prefix());
  FoldedConv conv = TakeConvModule(module, 4 * image.dim(1), spec, style.norm);
  conv.shape = {spec.out_channels, image.dim(1), 2 * spec.kernel, 2 * spec.kernel};
  conv.weight = [weight = std::move(conv.weight)] { return FocusKernel(weight()); };
  const graph::ConvSpec geometry = {.stride = 2, .padding = spec.kernel - 1};
  const graph::Value x = Emit(image, std::move(conv), geometry, module.prefix() + ".conv");
  return NormAndActivation(module, x, style);
}

}  // namespace yoloport::nn
