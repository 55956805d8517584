#include "checkpoint/float_convert.h"

#include <bit>
#include <cstdint>
#include <memory>

namespace yoloport::checkpoint {
namespace {

using tensor::DType;
using tensor::Tensor;

// As HalfToFloat() in base/half.h, without branches: shifted into place, the bits of a half are a
// float that is 2^112 times too small, subnormals included; only infinity and NaN need their
// exponent filled up.
float HalfToFloatBranchless(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000U) << 16;
  const std::uint32_t magnitude = static_cast<std::uint32_t>(half & 0x7FFFU) << 13;
  const float scaled = std::bit_cast<float>(magnitude) * 0x1p112F;
  const std::uint32_t special = magnitude >= 0x0F800000U ? 0x7F800000U : 0U;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(scaled) | special | sign);
}

float BFloat16ToFloatBits(std::uint16_t bits) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16);
}

template <float (*Convert)(std::uint16_t)>
Tensor Widen(const Tensor& tensor) {
  const Tensor dense = tensor.Dense();  // aligned, so that the elements may be read as they are
  const auto count = static_cast<std::size_t>(dense.size());
  const auto* from = reinterpret_cast<const std::uint16_t*>(dense.bytes().data());
  std::shared_ptr<float[]> to(new float[count + 1]);  // not zeroed first, unlike a vector
  float* out = to.get();
  for (std::size_t i = 0; i < count; ++i) out[i] = Convert(from[i]);
  return Tensor(DType::kFloat32, dense.shape(), to, reinterpret_cast<const std::byte*>(out));
}

}  // namespace

Tensor ToFloat32(const Tensor& tensor) {
  switch (tensor.dtype()) {
    case DType::kFloat16:
      return Widen<HalfToFloatBranchless>(tensor);
    case DType::kBFloat16:
      return Widen<BFloat16ToFloatBits>(tensor);
    default:
      return tensor.To(DType::kFloat32);
  }
}

}  // namespace yoloport::checkpoint
