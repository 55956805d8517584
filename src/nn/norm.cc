#include "nn/norm.h"

#include <string>
#include <vector>

#include "graph/ops.h"
#include "yoloport/error.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;
using graph::Value;
using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

// The key of one value a channel, or as many times `fallback`, as a constant of `shape`.
Value PerChannel(const Weights& w, graph::Graph& g, const char* key, const NormSpec& norm,
                 const Shape& stored, const Shape& shape, float fallback) {
  if (norm.affine) {
    const Tensor tensor = w.Take(key, stored).To(DType::kFloat32);
    return g.Constant(tensor.Reshaped(shape), w.prefix() + "." + key);
  }
  const auto count = static_cast<std::size_t>(tensor::ElementCount(shape));
  return graph::Floats(g, shape, std::vector<float>(count, fallback));
}

Value InstanceNorm(const Weights& w, Value x, const NormSpec& norm) {
  const Shape shape = {x.dim(1)};
  const Value weight = PerChannel(w, x.graph(), "weight", norm, shape, shape, 1);
  const Value bias = PerChannel(w, x.graph(), "bias", norm, shape, shape, 0);
  return graph::InstanceNormalization(x, weight, bias, static_cast<float>(norm.eps));
}

}  // namespace

// As torch's exporter writes it, which is what runtimes look for: each group as one channel of an
// InstanceNormalization.
Value GroupNorm(const Weights& w, Value x, const NormSpec& norm, const Shape& shape) {
  graph::Graph& g = x.graph();
  const std::int64_t channels = x.dim(1);
  const std::int64_t groups = norm.num_groups;
  if (channels % groups != 0) {
    throw ModelError("'" + w.prefix() + "': " + std::to_string(channels) +
                     " channels cannot be normalized in " + std::to_string(groups) +
                     " groups: they must be a multiple of num_groups");
  }
  const graph::NameScope scope(g, w.prefix());
  const auto count = static_cast<std::size_t>(groups);
  const Value ones = graph::Floats(g, {groups}, std::vector<float>(count, 1));
  const Value zeros = graph::Floats(g, {groups}, std::vector<float>(count, 0));
  const Value extents =
      graph::Concat({graph::Int64s(g, {0, channels}), graph::Dim(x, 2), graph::Dim(x, 3)}, 0);
  Value y = graph::Reshape(x, Shape{0, groups, -1});
  y = graph::InstanceNormalization(y, ones, zeros, static_cast<float>(norm.eps));
  y = graph::Reshape(y, extents);
  if (!norm.affine) return y;
  const Shape broadcast = {channels, 1, 1};
  return y * PerChannel(w, g, "weight", norm, shape, broadcast, 1) +
         PerChannel(w, g, "bias", norm, shape, broadcast, 0);
}

Value Normalize(const Weights& w, Value x, const NormSpec& norm) {
  const graph::NameScope scope(x.graph(), w.prefix());
  const Value floats = graph::Cast(x, DType::kFloat32);
  const Value y = norm.kind == NormKind::kInstance ? InstanceNorm(w, floats, norm)
                                                   : GroupNorm(w, floats, norm, {x.dim(1)});
  return graph::Cast(y, x.dtype());
}

}  // namespace yoloport::nn
