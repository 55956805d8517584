#include "nn/window_attention.h"

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "graph/ops.h"
#include "nn/folded_conv.h"
#include "nn/linear.h"
#include "nn/norm.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;
using graph::Value;
using tensor::Shape;
using tensor::Tensor;

// What is added to the attention of pixels that lie in different parts of the map: a shifted window
// holds both ends of it.
constexpr float kFar = -100;

std::int64_t WholeWindows(std::int64_t extent, std::int64_t window) {
  return (extent + window - 1) / window * window;
}

// Moves the map by `shift` to the top left, below 0 to the bottom right; what leaves it on one side
// comes in on the other.
Value Roll(Value x, std::int64_t shift) {
  for (const std::int64_t axis : {1, 2}) {
    const std::int64_t extent = x.dim(axis);
    const std::int64_t cut = shift < 0 ? extent + shift : shift;
    x = graph::Concat({graph::Slice(x, axis, cut, extent), graph::Slice(x, axis, 0, cut)}, axis);
  }
  return x;
}

// N x H x W x C to (N * windows) x pixels of a window x C, and back.
Value ToWindows(Value x, std::int64_t size) {
  const std::int64_t channels = x.dim(3);
  x = graph::Reshape(x, Shape{-1, x.dim(1) / size, size, x.dim(2) / size, size, channels});
  return graph::Reshape(graph::Transpose(x, {0, 1, 3, 2, 4, 5}), Shape{-1, size * size, channels});
}
Value FromWindows(Value x, std::int64_t size, std::int64_t height, std::int64_t width) {
  const std::int64_t channels = x.dim(2);
  x = graph::Reshape(x, Shape{-1, height / size, width / size, size, size, channels});
  return graph::Reshape(graph::Transpose(x, {0, 1, 3, 2, 4, 5}),
                        Shape{-1, height, width, channels});
}

// Which part of an axis a pixel of the shifted map belongs to.
std::int64_t PartOf(std::int64_t at, std::int64_t extent, const WindowAttentionSpec& spec) {
  if (at < extent - spec.window_size) return 0;
  return at < extent - spec.shift_size ? 1 : 2;
}

// 1 x windows x 1 x L x L for windows of L pixels: 0 for two pixels of one part, else kFar.
Tensor ShiftMask(std::int64_t height, std::int64_t width, const WindowAttentionSpec& spec) {
  const std::int64_t size = spec.window_size;
  const std::int64_t pixels = size * size;
  std::vector<float> mask;
  for (std::int64_t top = 0; top < height; top += size) {
    for (std::int64_t left = 0; left < width; left += size) {
      std::vector<std::int64_t> parts;
      for (std::int64_t i = 0; i < pixels; ++i) {
        parts.push_back(3 * PartOf(top + i / size, height, spec) +
                        PartOf(left + i % size, width, spec));
      }
      for (const std::int64_t one : parts) {
        for (const std::int64_t other : parts) mask.push_back(one == other ? 0 : kFar);
      }
    }
  }
  const std::int64_t windows = height / size * (width / size);
  return Tensor::Of<float>({1, windows, 1, pixels, pixels}, std::move(mask));
}

// heads x L x L: of two pixels of a window the trained number for how far they lie apart.
Tensor PositionBias(const Tensor& table, std::int64_t size) {
  const Tensor floats = table.To(tensor::DType::kFloat32);
  const auto numbers = floats.values<float>();
  const std::int64_t heads = table.shape()[1];
  const std::int64_t pixels = size * size;
  std::vector<float> bias;
  for (std::int64_t head = 0; head < heads; ++head) {
    for (std::int64_t i = 0; i < pixels; ++i) {
      for (std::int64_t j = 0; j < pixels; ++j) {
        const std::int64_t down = i / size - j / size + size - 1;
        const std::int64_t right = i % size - j % size + size - 1;
        const std::int64_t row = down * (2 * size - 1) + right;
        bias.push_back(numbers[static_cast<std::size_t>(row * heads + head)]);
      }
    }
  }
  return Tensor::Of<float>({heads, pixels, pixels}, std::move(bias));
}

Value Lazy(graph::Graph& g, tensor::DType dtype, const Shape& shape, const std::string& name,
           std::function<Tensor()> make) {
  const auto typed = [make = std::move(make), dtype, name] {
    return WeightAs(make(), dtype, name);
  };
  return g.Constant(graph::LazyTensor{dtype, shape, typed}, name);
}

// x: windows x L x C. `mask`: no value, or ShiftMask().
Value WindowMsa(const Weights& w, Value x, Value mask, const WindowAttentionSpec& spec) {
  graph::Graph& g = x.graph();
  const std::int64_t pixels = x.dim(1);
  const std::int64_t channels = x.dim(2);
  const std::int64_t heads = spec.num_heads;
  const graph::NameScope scope(g, w.prefix());
  w.Ignore("relative_position_index");  // follows from the window's size
  const Value qkv = Linear(w["qkv"], x, 3 * channels, spec.qkv_bias);
  std::vector<Value> parts = graph::Split(qkv, 2, {channels, channels, channels});
  for (Value& part : parts) {
    part = graph::Reshape(part, Shape{-1, pixels, heads, channels / heads});
  }
  const double width = static_cast<double>(channels) / static_cast<double>(heads);
  const Value q = graph::Transpose(parts[0], {0, 2, 1, 3}) *
                  (spec.scale != 0 ? spec.scale : 1 / std::sqrt(width));
  Value attention = graph::MatMul(q, graph::Transpose(parts[1], {0, 2, 3, 1}));
  const std::int64_t side = 2 * spec.window_size - 1;
  const Tensor table = w.Take("relative_position_bias_table", {side * side, heads});
  attention = attention +
              Lazy(g, x.dtype(), {heads, pixels, pixels}, w.prefix() + ".relative_position_bias",
                   [table, size = spec.window_size] { return PositionBias(table, size); });
  if (mask) {
    attention = graph::Reshape(attention, Shape{-1, mask.dim(1), heads, pixels, pixels}) + mask;
    attention = graph::Reshape(attention, Shape{-1, heads, pixels, pixels});
  }
  const Value v = graph::Transpose(parts[2], {0, 2, 1, 3});
  x = graph::Transpose(graph::MatMul(graph::Softmax(attention), v), {0, 2, 1, 3});
  return Linear(w["proj"], graph::Reshape(x, Shape{-1, pixels, channels}), channels);
}

}  // namespace

Value ShiftWindowMsa(const Weights& w, Value x, const WindowAttentionSpec& spec) {
  graph::Graph& g = x.graph();
  const graph::NameScope scope(g, w.prefix());
  const std::int64_t rows = x.dim(1);
  const std::int64_t columns = x.dim(2);
  const std::int64_t height = WholeWindows(rows, spec.window_size);
  const std::int64_t width = WholeWindows(columns, spec.window_size);
  x = graph::PadEnds(x, {0, height - rows, width - columns, 0});
  Value mask;
  if (spec.shift_size > 0) {
    x = Roll(x, spec.shift_size);
    const std::int64_t size = spec.window_size;
    const Shape shape = {1, height / size * (width / size), 1, size * size, size * size};
    mask = Lazy(g, x.dtype(), shape, w.prefix() + ".attn_mask",
                [height, width, spec] { return ShiftMask(height, width, spec); });
  }
  x = WindowMsa(w["w_msa"], ToWindows(x, spec.window_size), mask, spec);
  x = FromWindows(x, spec.window_size, height, width);
  if (spec.shift_size > 0) x = Roll(x, -spec.shift_size);
  return graph::Slice(graph::Slice(x, 1, 0, rows), 2, 0, columns);
}

Value SwinBlock(const Weights& w, Value x, const SwinBlockSpec& spec) {
  const std::int64_t channels = x.dim(3);
  const graph::NameScope scope(x.graph(), w.prefix());
  x = x + ShiftWindowMsa(w["attn"], LayerNorm(w["norm1"], x, spec.eps), spec.attention);
  const Weights layers = w["ffn"]["layers"];
  Value y = LayerNorm(w["norm2"], x, spec.eps);
  y = Linear(layers[std::size_t{0}][std::size_t{0}], y, spec.feedforward_channels);
  y = Activate(layers[std::size_t{0}][1], y, spec.act);
  return x + Linear(layers[1], y, channels);
}

}  // namespace yoloport::nn
