#include "tensor/arithmetic.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>

namespace yoloport::tensor {
namespace {

// How many numbers have all bits of `exponent`; written so that the compiler vectorizes it.
template <typename Bits, typename Element>
std::size_t CountFullExponents(std::span<const Element> all, Bits exponent) {
  constexpr std::size_t kBlock = 1U << 14;  // its count fits a lane
  std::size_t count = 0;
  for (std::size_t at = 0; at < all.size(); at += kBlock) {
    Bits in_block = 0;
    for (const Element element : all.subspan(at, std::min(kBlock, all.size() - at))) {
      const auto bits = std::bit_cast<Bits>(element);
      in_block = static_cast<Bits>(in_block + ((bits & exponent) == exponent ? 1 : 0));
    }
    count += in_block;
  }
  return count;
}

}  // namespace

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

Tensor PermuteInputs(const Tensor& weight, std::span<const std::int64_t> order) {
  const Tensor dense = weight.To(DType::kFloat32);
  const auto from = dense.values<float>();
  Shape shape = weight.shape();
  const std::int64_t kernel = shape[2] * shape[3];
  const std::int64_t row = shape[1] * kernel;
  shape[1] = static_cast<std::int64_t>(order.size());
  return Tensor::Make<float>(shape, [&](std::span<float> to) {
    auto next = to.begin();
    for (std::int64_t o = 0; o < shape[0]; ++o) {
      for (const std::int64_t index : order) {
        next = std::copy_n(from.begin() + o * row + index * kernel, kernel, next);
      }
    }
  });
}

Tensor AddKernels(const Tensor& a, const Tensor& b) {
  const Tensor large = a.To(DType::kFloat32);
  const Tensor small = b.To(DType::kFloat32);
  const auto x = large.values<float>();
  const auto y = small.values<float>();
  const Shape& shape = a.shape();
  const std::int64_t height = b.shape()[2];
  const std::int64_t width = b.shape()[3];
  assert(shape[0] == b.shape()[0] && shape[1] == b.shape()[1]);
  assert((shape[2] - height) % 2 == 0 && (shape[3] - width) % 2 == 0);
  const std::int64_t top = (shape[2] - height) / 2;
  const std::int64_t left = (shape[3] - width) / 2;
  return Tensor::Make<float>(shape, [&](std::span<float> sum) {
    std::copy(x.begin(), x.end(), sum.begin());
    for (std::int64_t kernel = 0; kernel < shape[0] * shape[1]; ++kernel) {
      for (std::int64_t row = 0; row < height; ++row) {
        float* to = sum.data() + (kernel * shape[2] + row + top) * shape[3] + left;
        const float* from = y.data() + (kernel * height + row) * width;
        for (std::int64_t i = 0; i < width; ++i) to[i] += from[i];
      }
    }
  });
}

std::size_t CountNonFinite(const Tensor& tensor) {
  const Tensor dense = tensor.Dense();  // of a file that was read it may be unaligned
  if (dense.dtype() == DType::kFloat32) {
    return CountFullExponents<std::uint32_t>(dense.values<float>(), 0x7F800000U);
  }
  if (dense.dtype() == DType::kFloat16) {
    return CountFullExponents<std::uint16_t>(dense.values<std::uint16_t>(), 0x7C00U);
  }
  return 0;
}

}  // namespace yoloport::tensor
