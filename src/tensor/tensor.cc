#include "tensor/tensor.h"

#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <string_view>

#include "base/half.h"

namespace yoloport::tensor {
namespace {

static_assert(std::endian::native == std::endian::little, "tensors hold little-endian elements");

struct DTypeInfo {
  std::string_view name;
  std::size_t size;
};

constexpr std::array<DTypeInfo, 13> kDTypes = {{
    {"float32", 4},
    {"float64", 8},
    {"float16", 2},
    {"bfloat16", 2},
    {"int8", 1},
    {"int16", 2},
    {"int32", 4},
    {"int64", 8},
    {"uint8", 1},
    {"uint16", 2},
    {"uint32", 4},
    {"uint64", 8},
    {"bool", 1},
}};

template <typename T>
T Load(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

struct Half {
  std::uint16_t bits;
};
struct BFloat16 {
  std::uint16_t bits;
};
struct Bool {
  std::uint8_t bits;
};

// Every element type converts by way of the widest type of its kind.
double Widen(Half value) { return base::HalfToFloat(value.bits); }
double Widen(BFloat16 value) { return base::BFloat16ToFloat(value.bits); }
std::int64_t Widen(Bool value) { return value.bits != 0 ? 1 : 0; }
double Widen(float value) { return value; }
double Widen(double value) { return value; }
std::uint64_t Widen(std::uint64_t value) { return value; }
template <typename T>
std::int64_t Widen(T value) {
  return value;
}

template <typename To, typename Wide>
To Narrow(Wide value) {
  if constexpr (std::is_same_v<To, Half>)
    return {base::FloatToHalf(static_cast<float>(value))};
  else if constexpr (std::is_same_v<To, BFloat16>)
    return {
        static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(static_cast<float>(value)) >> 16)};
  else if constexpr (std::is_same_v<To, Bool>)
    return {static_cast<std::uint8_t>(value != 0)};
  else
    return static_cast<To>(value);
}

template <typename From, typename To>
void ConvertRun(const std::byte* from, std::byte* to, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const To value =
        Narrow<To>(Widen(Load<From>(from + i * static_cast<std::int64_t>(sizeof(From)))));
    std::memcpy(to + i * static_cast<std::int64_t>(sizeof(To)), &value, sizeof(To));
  }
}

// Calls `visit` with a value of the C++ type that stands for `dtype`.
template <typename Visit>
auto WithType(DType dtype, Visit visit) {
  switch (dtype) {
    case DType::kFloat32:
      return visit(float{});
    case DType::kFloat64:
      return visit(double{});
    case DType::kFloat16:
      return visit(Half{});
    case DType::kBFloat16:
      return visit(BFloat16{});
    case DType::kInt8:
      return visit(std::int8_t{});
    case DType::kInt16:
      return visit(std::int16_t{});
    case DType::kInt32:
      return visit(std::int32_t{});
    case DType::kInt64:
      return visit(std::int64_t{});
    case DType::kUInt8:
      return visit(std::uint8_t{});
    case DType::kUInt16:
      return visit(std::uint16_t{});
    case DType::kUInt32:
      return visit(std::uint32_t{});
    case DType::kUInt64:
      return visit(std::uint64_t{});
    case DType::kBool:
      break;
  }
  return visit(Bool{});
}

using ConvertFunction = void (*)(const std::byte*, std::byte*, std::int64_t);

ConvertFunction Converter(DType from, DType to) {
  return WithType(from, [&](auto f) {
    return WithType(
        to, [&](auto t) -> ConvertFunction { return &ConvertRun<decltype(f), decltype(t)>; });
  });
}

Tensor Allocate(DType dtype, const Shape& shape, std::byte*& data) {
  const auto bytes = static_cast<std::size_t>(ElementCount(shape)) * ElementSize(dtype);
  std::shared_ptr<std::byte[]> owner(new std::byte[bytes > 0 ? bytes : 1]);
  data = owner.get();
  return Tensor(dtype, shape, owner, data);
}

// Copies a strided view to dense memory, dimension by dimension; `size` bytes an element.
template <std::size_t size>
void CopyStrided(const Tensor& tensor, std::size_t axis, const std::byte* from, std::byte*& to) {
  if (axis == tensor.shape().size()) {
    std::memcpy(to, from, size);
    to += size;
    return;
  }
  const std::int64_t extent = tensor.shape()[axis];
  const std::ptrdiff_t step = tensor.strides()[axis] * static_cast<std::ptrdiff_t>(size);
  if (axis + 1 == tensor.shape().size()) {
    for (std::int64_t i = 0; i < extent; ++i, from += step, to += size) std::memcpy(to, from, size);
    return;
  }
  for (std::int64_t i = 0; i < extent; ++i) {
    CopyStrided<size>(tensor, axis + 1, from + i * step, to);
  }
}

}  // namespace

std::size_t ElementSize(DType dtype) { return kDTypes[static_cast<std::size_t>(dtype)].size; }

bool IsFloat(DType dtype) {
  return dtype == DType::kFloat16 || dtype == DType::kBFloat16 || dtype == DType::kFloat32 ||
         dtype == DType::kFloat64;
}

std::string_view DTypeName(DType dtype) { return kDTypes[static_cast<std::size_t>(dtype)].name; }

std::int64_t ElementCount(std::span<const std::int64_t> shape) {
  std::int64_t count = 1;
  for (const std::int64_t extent : shape) count *= extent;
  return count;
}

std::vector<std::int64_t> DenseStrides(std::span<const std::int64_t> shape) {
  std::vector<std::int64_t> strides(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    strides[i] = step;
    step *= shape[i];
  }
  return strides;
}

Tensor::Tensor(DType dtype, Shape shape, std::shared_ptr<const void> owner, const std::byte* data)
    : Tensor(dtype, shape, DenseStrides(shape), std::move(owner), data) {}

Tensor::Tensor(DType dtype, Shape shape, std::vector<std::int64_t> strides,
               std::shared_ptr<const void> owner, const std::byte* data)
    : dtype_(dtype),
      shape_(std::move(shape)),
      strides_(std::move(strides)),
      owner_(std::move(owner)),
      data_(data) {
  assert(shape_.size() == strides_.size());
}

bool Tensor::is_dense() const {
  std::int64_t step = 1;
  for (std::size_t i = shape_.size(); i-- > 0;) {
    if (shape_[i] == 0) return true;
    if (shape_[i] != 1 && strides_[i] != step) return false;
    step *= shape_[i];
  }
  return true;
}

std::span<const std::byte> Tensor::bytes() const {
  assert(is_dense());
  return {data_, byte_size()};
}

Tensor Tensor::Dense() const {
  const bool aligned = reinterpret_cast<std::uintptr_t>(data_) % ElementSize(dtype_) == 0;
  if (is_dense() && aligned) return *this;
  std::byte* to = nullptr;
  Tensor copy = Allocate(dtype_, shape_, to);
  if (is_dense()) {
    std::memcpy(to, data_, byte_size());
  } else {
    WithType(dtype_, [&](auto type) { CopyStrided<sizeof(type)>(*this, 0, data_, to); });
  }
  return copy;
}

Tensor Tensor::To(DType dtype) const {
  Tensor dense = Dense();
  if (dtype == dtype_) return dense;
  std::byte* to = nullptr;
  Tensor converted = Allocate(dtype, shape_, to);
  Converter(dtype_, dtype)(dense.data_, to, size());
  return converted;
}

Tensor Tensor::Reshaped(Shape shape) const {
  assert(is_dense() && ElementCount(shape) == size());
  return Tensor(dtype_, std::move(shape), owner_, data_);
}

}  // namespace yoloport::tensor
