#include "sources/ultralytics/attention.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "graph/ops.h"
#include "sources/layer_list/blocks.h"

namespace yoloport::sources::ultralytics {
namespace {

using checkpoint::SavedValue;
using graph::Value;
using layer_list::Block;
using layer_list::Conv;
using layer_list::RequireType;
using tensor::Shape;

std::int64_t Count(const SavedValue& value) {
  constexpr std::int64_t kMost = 1 << 16;
  const std::int64_t count = value.Int();
  if (count < 1 || count > kMost) value.Fail(fmt::format("is {}: expected 1 to {}", count, kMost));
  return count;
}

// The last two axes.
Value Turned(Value x) {
  std::vector<std::int64_t> order;
  for (std::int64_t axis = 0; axis < x.rank(); ++axis) order.push_back(axis);
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return graph::Transpose(x, order);
}

// Rows of channels, columns of pixels, for each head: `v` weighted by how `q` and `k` agree, as
// pixels x channels.
Value Attend(Value q, Value k, Value v, double scale) {
  const Value weights = graph::Softmax(graph::MatMul(Turned(q * scale), k));
  return graph::MatMul(weights, Turned(v));
}

void RequireChannels(const Block& block, Value map, std::int64_t channels) {
  if (map.dim(1) == channels) return;
  block.module.Fail(
      fmt::format("has heads of {} channels together, and a map of {}", channels, map.dim(1)));
}

// Over all pixels of the map.
Value Attention(const Block& block, Value x) {
  RequireType(block.module, {"Attention"});
  const std::int64_t heads = Count(block.module.Get("num_heads"));
  const std::int64_t keys = Count(block.module.Get("key_dim"));
  const std::int64_t values = Count(block.module.Get("head_dim"));
  const Value qkv = Conv(block["qkv"], x);
  RequireChannels(block, qkv, heads * (2 * keys + values));
  RequireChannels(block, x, heads * values);
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const std::vector<Value> parts = graph::Split(
      graph::Reshape(qkv, Shape{0, heads, 2 * keys + values, -1}), 2, {keys, keys, values});
  const Value found = Attend(parts[0], parts[1], parts[2], block.module.Get("scale").Number());
  const Value position = Conv(block["pe"], graph::ReshapeLike(parts[2], x));
  return Conv(block["proj"], graph::ReshapeLike(Turned(found), x) + position);
}

// Within each of `area` bands of rows.
Value AreaAttention(const Block& block, Value x) {
  RequireType(block.module, {"AAttn"});
  const std::int64_t heads = Count(block.module.Get("num_heads"));
  const std::int64_t width = Count(block.module.Get("head_dim"));
  const std::int64_t area = Count(block.module.Get("area"));
  const Value qkv = Conv(block["qkv"], x);
  RequireChannels(block, qkv, 3 * heads * width);
  RequireChannels(block, x, heads * width);
  const graph::NameScope scope(x.graph(), block.w.prefix());
  // N x heads x channels x area x pixels; areas go before heads.
  const Value by_area =
      graph::Transpose(graph::Reshape(qkv, Shape{0, heads, 3 * width, area, -1}), {0, 3, 1, 2, 4});
  const std::vector<Value> parts = graph::Split(by_area, 3, {width, width, width});
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  const Value found = Attend(parts[0], parts[1], parts[2], scale);
  const Value values = graph::ReshapeLike(graph::Transpose(parts[2], {0, 2, 3, 1, 4}), x);
  const Value map = graph::ReshapeLike(graph::Transpose(found, {0, 2, 4, 1, 3}), x);
  return Conv(block["proj"], map + Conv(block["pe"], values));
}

}  // namespace

Value PsaBlock(const Block& block, Value x) {
  RequireType(block.module, {"PSABlock"});
  const bool add = block.module.Get("add").Flag();
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const Value attended = Attention(block["attn"], x);
  x = add ? x + attended : attended;
  const Value fed = layer_list::Chain(block["ffn"], x, Conv);
  return add ? x + fed : fed;
}

Value AreaBlock(const Block& block, Value x) {
  RequireType(block.module, {"ABlock"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  x = x + AreaAttention(block["attn"], x);
  return x + layer_list::Chain(block["mlp"], x, Conv);
}

Value Psa(const Block& block, Value x) {
  RequireType(block.module, {"PSA"});
  const graph::NameScope scope(x.graph(), block.w.prefix());
  const Value joined = Conv(block["cv1"], x);
  const std::int64_t half = joined.dim(1) / 2;
  const std::vector<Value> parts = graph::Split(joined, 1, {half, joined.dim(1) - half});
  Value y = parts[1] + Attention(block["attn"], parts[1]);
  y = y + layer_list::Chain(block["ffn"], y, Conv);
  return Conv(block["cv2"], graph::Concat({parts[0], y}, 1));
}

}  // namespace yoloport::sources::ultralytics
