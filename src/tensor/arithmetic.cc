#include "tensor/arithmetic.h"

#include <algorithm>
#include <cassert>

namespace yoloport {

Tensor ScaleRows(const Tensor& weight, std::span<const float> scale) {
  const Tensor dense = weight.To(DType::kFloat32);
  const auto from = dense.values<float>();
  const std::size_t row = from.size() / scale.size();
  return Tensor::Make<float>(weight.shape(), [&](std::span<float> to) {
    for (std::size_t o = 0; o < scale.size(); ++o) {
      const float factor = scale[o];
      for (std::size_t i = o * row; i < (o + 1) * row; ++i) to[i] = from[i] * factor;
    }
  });
}

Tensor PermuteRows(const Tensor& weight, std::span<const std::int64_t> order) {
  const Tensor dense = weight.To(DType::kFloat32);
  const auto from = dense.values<float>();
  Shape shape = weight.shape();
  const std::size_t row = from.size() / static_cast<std::size_t>(shape[0]);
  shape[0] = static_cast<std::int64_t>(order.size());
  std::vector<float> to;
  to.reserve(order.size() * row);
  for (const std::int64_t index : order) {
    const auto begin =
        from.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(index) * row);
    to.insert(to.end(), begin, begin + static_cast<std::ptrdiff_t>(row));
  }
  return Tensor::Of<float>(std::move(shape), std::move(to));
}

Tensor Sum(const Tensor& a, const Tensor& b) {
  assert(a.shape() == b.shape());
  const Tensor left = a.To(DType::kFloat32);
  const Tensor right = b.To(DType::kFloat32);
  const auto x = left.values<float>();
  const auto y = right.values<float>();
  return Tensor::Make<float>(a.shape(), [&](std::span<float> sum) {
    std::transform(x.begin(), x.end(), y.begin(), sum.begin(), std::plus<>());
  });
}

Tensor PadKernel(const Tensor& weight, std::int64_t size) {
  const Tensor dense = weight.To(DType::kFloat32);
  const auto from = dense.values<float>();
  Shape shape = weight.shape();
  const std::int64_t height = shape[2];
  const std::int64_t width = shape[3];
  assert((size - height) % 2 == 0 && (size - width) % 2 == 0);
  shape[2] = shape[3] = size;
  std::vector<float> to(static_cast<std::size_t>(ElementCount(shape)), 0.0F);
  const std::int64_t top = (size - height) / 2;
  const std::int64_t left = (size - width) / 2;
  for (std::int64_t kernel = 0; kernel < shape[0] * shape[1]; ++kernel) {
    for (std::int64_t y = 0; y < height; ++y) {
      const auto begin = from.begin() + (kernel * height + y) * width;
      std::copy(begin, begin + width, to.begin() + (kernel * size + y + top) * size + left);
    }
  }
  return Tensor::Of<float>(std::move(shape), std::move(to));
}

}  // namespace yoloport
