// A tensor: element type, shape, strides, and bytes it shares with others (often a mapped file).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace yoloport::tensor {

using Shape = std::vector<std::int64_t>;

enum class DType : std::uint8_t {
  kFloat32,
  kFloat64,
  kFloat16,
  kBFloat16,
  kInt8,
  kInt16,
  kInt32,
  kInt64,
  kUInt8,
  kUInt16,
  kUInt32,
  kUInt64,
  kBool,
};

std::size_t ElementSize(DType dtype);  // bytes
bool IsFloat(DType dtype);             // of any width
std::string_view DTypeName(
    DType dtype);  // "float32", "bfloat16" ...: the names numpy and torch use

// The DType of a C++ element type.
template <typename T>
struct DTypeOf;
template <>
struct DTypeOf<float> {
  static constexpr DType value = DType::kFloat32;
};
template <>
struct DTypeOf<double> {
  static constexpr DType value = DType::kFloat64;
};
template <>
struct DTypeOf<std::int8_t> {
  static constexpr DType value = DType::kInt8;
};
template <>
struct DTypeOf<std::int16_t> {
  static constexpr DType value = DType::kInt16;
};
template <>
struct DTypeOf<std::int32_t> {
  static constexpr DType value = DType::kInt32;
};
template <>
struct DTypeOf<std::int64_t> {
  static constexpr DType value = DType::kInt64;
};
template <>
struct DTypeOf<std::uint8_t> {
  static constexpr DType value = DType::kUInt8;
};
template <>
struct DTypeOf<bool> {
  static constexpr DType value = DType::kBool;
};

// The number of elements of `shape`. Extents must not be negative and the product must fit (whoever
// reads shapes from a file checks that first).
std::int64_t ElementCount(std::span<const std::int64_t> shape);

// Strides, in elements, of a dense row-major tensor.
std::vector<std::int64_t> DenseStrides(std::span<const std::int64_t> shape);

// Immutable and cheap to copy: copies share the bytes. Elements are little-endian. A null tensor
// (default constructed) has no bytes and empty shape.
class Tensor {
 public:
  Tensor() = default;

  // A view of dense row-major elements. `owner` keeps `data` alive.
  Tensor(DType dtype, Shape shape, std::shared_ptr<const void> owner, const std::byte* data);

  // A strided view; `strides` count elements and may be zero. The caller has checked that all
  // elements lie inside what `owner` keeps alive.
  Tensor(DType dtype, Shape shape, std::vector<std::int64_t> strides,
         std::shared_ptr<const void> owner, const std::byte* data);

  // A dense tensor that owns `values`.
  template <typename T>
  static Tensor Of(Shape shape, std::vector<T> values);

  // A dense tensor whose elements `fill(std::span<T>)` writes, all of them.
  template <typename T, typename Fill>
  static Tensor Make(Shape shape, const Fill& fill);

  // A scalar (rank 0).
  template <typename T>
  static Tensor Scalar(T value) {
    return Of<T>({}, std::vector<T>{value});
  }

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  const std::vector<std::int64_t>& strides() const { return strides_; }
  std::int64_t rank() const { return static_cast<std::int64_t>(shape_.size()); }
  std::int64_t size() const { return ElementCount(shape_); }  // elements
  std::size_t byte_size() const { return static_cast<std::size_t>(size()) * ElementSize(dtype_); }
  bool is_null() const { return data_ == nullptr && owner_ == nullptr; }

  // Whether elements lie dense in row-major order, so that bytes() may be used.
  bool is_dense() const;

  // The bytes of a dense tensor.
  std::span<const std::byte> bytes() const;

  // The elements of a dense tensor of element type T. The bytes must be aligned for T: tensors that
  // came from Of(), Dense() or To() always are.
  template <typename T>
  std::span<const T> values() const;

  // This tensor dense and aligned: itself when it already is, else a copy.
  Tensor Dense() const;

  // This tensor with elements converted (dense); itself when nothing is to be done. Float to
  // integer truncates; anything to bool is != 0.
  Tensor To(DType dtype) const;

  // The same elements under another shape of equal size; dense tensors only.
  Tensor Reshaped(Shape shape) const;

 private:
  DType dtype_ = DType::kFloat32;
  Shape shape_;
  std::vector<std::int64_t> strides_;
  std::shared_ptr<const void> owner_;
  const std::byte* data_ = nullptr;
};

template <typename T>
Tensor Tensor::Of(Shape shape, std::vector<T> values) {
  auto owner = std::make_shared<const std::vector<T>>(std::move(values));
  const auto* data = reinterpret_cast<const std::byte*>(owner->data());
  return Tensor(DTypeOf<T>::value, std::move(shape), std::move(owner), data);
}

template <typename T, typename Fill>
Tensor Tensor::Make(Shape shape, const Fill& fill) {
  const auto count = static_cast<std::size_t>(ElementCount(shape));
  auto owner = std::make_shared_for_overwrite<T[]>(count);  // large weights: not written twice
  fill(std::span<T>(owner.get(), count));
  const auto* data = reinterpret_cast<const std::byte*>(owner.get());
  return Tensor(DTypeOf<T>::value, std::move(shape), std::move(owner), data);
}

template <typename T>
std::span<const T> Tensor::values() const {
  const auto raw = bytes();
  return {reinterpret_cast<const T*>(raw.data()), raw.size() / sizeof(T)};
}

}  // namespace yoloport::tensor
