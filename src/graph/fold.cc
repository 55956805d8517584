#include "graph/fold.h"

#include <algorithm>
#include <cassert>
#include <functional>
#include <span>

#include "base/text.h"
#include "graph/graph.h"
#include "yoloport/error.h"

namespace yoloport::graph {
namespace {

using tensor::DType;
using tensor::ElementSize;
using tensor::Shape;
using tensor::Tensor;

// `x` as a view of `shape`, with stride 0 along the axes that are repeated.
Tensor BroadcastView(const Tensor& x, const Shape& shape) {
  const Tensor dense = x.Dense();
  const std::size_t added = shape.size() - x.shape().size();
  std::vector<std::int64_t> strides(shape.size(), 0);
  for (std::size_t i = 0; i < x.shape().size(); ++i) {
    if (x.shape()[i] != 1) strides[added + i] = dense.strides()[i];
  }
  return Tensor(x.dtype(), shape, std::move(strides), std::make_shared<Tensor>(dense),
                dense.bytes().data());
}

// The result of `op` on each pair: chosen once, so that the loop is plain arithmetic.
template <typename T>
std::vector<T> Apply(std::string_view op, std::span<const T> x, std::span<const T> y) {
  std::vector<T> result(x.size());
  const auto each = [&](auto function) {
    std::transform(x.begin(), x.end(), y.begin(), result.begin(), function);
  };
  if (op == "Add") {
    each(std::plus<>());
  } else if (op == "Sub") {
    each(std::minus<>());
  } else if (op == "Mul") {
    each(std::multiplies<>());
  } else if (op == "Div") {
    each(std::divides<>());
  } else if (op == "Max") {
    each([](T a, T b) { return std::max(a, b); });
  } else {
    assert(op == "Min");
    each([](T a, T b) { return std::min(a, b); });
  }
  return result;
}

template <typename T>
Tensor FoldBinaryOf(std::string_view op, const Tensor& a, const Tensor& b) {
  const Shape shape = BroadcastShape(a.shape(), b.shape());
  const Tensor left = BroadcastView(a, shape).Dense();
  const Tensor right = BroadcastView(b, shape).Dense();
  const auto x = left.values<T>();
  const auto y = right.values<T>();
  if (op == "Greater" || op == "Equal") {
    std::vector<std::uint8_t> bits(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) bits[i] = op == "Equal" ? x[i] == y[i] : x[i] > y[i];
    return Tensor::Of<std::uint8_t>(shape, std::move(bits)).To(DType::kBool);
  }
  return Tensor::Of<T>(shape, Apply<T>(op, x, y));
}

}  // namespace

Shape BroadcastShape(const Shape& a, const Shape& b) {
  Shape shape(std::max(a.size(), b.size()));
  for (std::size_t i = 0; i < shape.size(); ++i) {  // from the last axis
    const std::int64_t x = i < a.size() ? a[a.size() - 1 - i] : 1;
    const std::int64_t y = i < b.size() ? b[b.size() - 1 - i] : 1;
    std::int64_t& extent = shape[shape.size() - 1 - i];
    if (x == y || y == 1) {
      extent = x;
    } else if (x == 1) {
      extent = y;
    } else if (x == kDynamic || y == kDynamic) {
      extent = std::max(x, y);  // the known one: the other must equal it (or be 1) when run
    } else {
      throw ModelError("shapes " + base::ShapeText(a) + " and " + base::ShapeText(b) +
                       " cannot be combined");
    }
  }
  return shape;
}

Tensor FoldBinary(std::string_view op, const Tensor& a, const Tensor& b) {
  assert(a.dtype() == b.dtype());
  if (a.dtype() == DType::kInt64) return FoldBinaryOf<std::int64_t>(op, a, b);
  return FoldBinaryOf<float>(op, a.To(DType::kFloat32), b.To(DType::kFloat32));
}

Tensor FoldWhere(const Tensor& condition, const Tensor& a, const Tensor& b) {
  const Shape shape = BroadcastShape(condition.shape(), BroadcastShape(a.shape(), b.shape()));
  const Tensor bits = BroadcastView(condition, shape).To(DType::kUInt8);
  const Tensor left = BroadcastView(a, shape).Dense();
  const Tensor right = BroadcastView(b, shape).Dense();
  const std::size_t size = ElementSize(a.dtype());
  std::vector<std::uint8_t> bytes(left.byte_size());
  for (std::size_t i = 0; i < bits.values<std::uint8_t>().size(); ++i) {
    const Tensor& from = bits.values<std::uint8_t>()[i] != 0 ? left : right;
    std::copy_n(reinterpret_cast<const std::uint8_t*>(from.bytes().data()) + i * size, size,
                bytes.data() + i * size);
  }
  const auto owner = std::make_shared<std::vector<std::uint8_t>>(std::move(bytes));
  return Tensor(a.dtype(), shape, owner, reinterpret_cast<const std::byte*>(owner->data()));
}

Tensor FoldConcat(const std::vector<Tensor>& parts, std::int64_t axis) {
  Shape shape = parts.front().shape();
  const auto at = static_cast<std::size_t>(axis);
  shape[at] = 0;
  for (const Tensor& part : parts) shape[at] += part.shape()[at];
  const std::int64_t outer = tensor::ElementCount(std::span(shape).first(at));
  std::vector<std::uint8_t> bytes;
  bytes.reserve(static_cast<std::size_t>(tensor::ElementCount(shape)) *
                ElementSize(parts.front().dtype()));
  for (std::int64_t row = 0; row < outer; ++row) {
    for (const Tensor& part : parts) {
      const Tensor dense = part.Dense();
      const std::size_t run = dense.byte_size() / static_cast<std::size_t>(outer);
      const auto* from = reinterpret_cast<const std::uint8_t*>(dense.bytes().data());
      bytes.insert(bytes.end(), from + static_cast<std::size_t>(row) * run,
                   from + static_cast<std::size_t>(row + 1) * run);
    }
  }
  const auto owner = std::make_shared<std::vector<std::uint8_t>>(std::move(bytes));
  return Tensor(parts.front().dtype(), shape, owner,
                reinterpret_cast<const std::byte*>(owner->data()));
}

Tensor FoldGather(const Tensor& x, const Tensor& indices, std::int64_t axis) {
  const auto at = static_cast<std::size_t>(axis);
  const Tensor dense = x.Dense();
  std::vector<Tensor> slices;
  for (std::int64_t index : indices.values<std::int64_t>()) {
    if (index < 0) index += x.shape()[at];
    slices.push_back(FoldSlice(dense, axis, index, index + 1, 1));
  }
  Shape shape(x.shape().begin(), x.shape().begin() + axis);
  shape.insert(shape.end(), indices.shape().begin(), indices.shape().end());
  shape.insert(shape.end(), x.shape().begin() + axis + 1, x.shape().end());
  return FoldConcat(slices, axis).Reshaped(shape);
}

Tensor FoldTranspose(const Tensor& x, const std::vector<std::int64_t>& order) {
  const Tensor dense = x.Dense();
  Shape shape;
  std::vector<std::int64_t> strides;
  for (const std::int64_t axis : order) {
    shape.push_back(x.shape()[static_cast<std::size_t>(axis)]);
    strides.push_back(dense.strides()[static_cast<std::size_t>(axis)]);
  }
  return Tensor(x.dtype(), shape, strides, std::make_shared<Tensor>(dense), dense.bytes().data())
      .Dense();
}

Tensor FoldExpand(const Tensor& x, const Shape& shape) {
  return BroadcastView(x, BroadcastShape(x.shape(), shape)).Dense();
}

Tensor FoldSlice(const Tensor& x, std::int64_t axis, std::int64_t begin, std::int64_t end,
                 std::int64_t step) {
  const Tensor dense = x.Dense();
  const auto at = static_cast<std::size_t>(axis);
  Shape shape = x.shape();
  std::vector<std::int64_t> strides = dense.strides();
  const auto offset = static_cast<std::size_t>(begin * strides[at]) * ElementSize(x.dtype());
  shape[at] = std::max<std::int64_t>(0, (end - begin + step - 1) / step);
  strides[at] *= step;
  return Tensor(x.dtype(), shape, strides, std::make_shared<Tensor>(dense),
                dense.bytes().data() + offset)
      .Dense();
}

Tensor FoldRange(std::int64_t begin, std::int64_t end, std::int64_t step) {
  std::vector<std::int64_t> values;
  for (std::int64_t i = begin; i < end; i += step) values.push_back(i);
  const auto size = static_cast<std::int64_t>(values.size());
  return Tensor::Of<std::int64_t>({size}, std::move(values));
}

}  // namespace yoloport::graph
