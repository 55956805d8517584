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
  const graph::NameScope scope(x.graph(), w.prefix());
  const Value weight = PerChannel(w, x.graph(), "weight", norm, shape, shape, 1);
  const Value bias = PerChannel(w, x.graph(), "bias", norm, shape, shape, 0);
  const Value y = graph::InstanceNormalization(graph::Cast(x, DType::kFloat32), weight, bias,
                                               static_cast<float>(norm.eps));
  return graph::Cast(y, x.dtype());
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
  Value y = graph::Reshape(graph::Cast(x, DType::kFloat32), Shape{0, groups, -1});
  y = graph::InstanceNormalization(y, ones, zeros, static_cast<float>(norm.eps));
  y = graph::ReshapeLike(y, x);
  if (norm.affine) {
    const Shape broadcast = {channels, 1, 1};
    y = y * PerChannel(w, g, "weight", norm, shape, broadcast, 1) +
        PerChannel(w, g, "bias", norm, shape, broadcast, 0);
  }
  return graph::Cast(y, x.dtype());
}

// As torch's exporter writes it before opset 17.
Value LayerNorm(const Weights& w, Value x, double eps) {
  graph::Graph& g = x.graph();
  const graph::NameScope scope(g, w.prefix());
  const std::int64_t last = x.rank() - 1;
  const Shape shape = {x.dim(last)};
  const Value floats = graph::Cast(x, DType::kFloat32);
  const Value centered = floats - graph::ReduceMean(floats, last, true);
  const Value variance = graph::ReduceMean(graph::Pow(centered, 2), last, true);
  const Value y = centered / graph::Sqrt(variance + eps);
  return graph::Cast(y * PerChannel(w, g, "weight", {}, shape, shape, 1) +
                         PerChannel(w, g, "bias", {}, shape, shape, 0),
                     x.dtype());
}

Value LayerNorm2d(const Weights& w, Value x, double eps) {
  const graph::NameScope scope(x.graph(), w.prefix());
  x = LayerNorm(w, graph::Transpose(x, {0, 2, 3, 1}), eps);
  return graph::Transpose(x, {0, 3, 1, 2});
}

Value Normalize(const Weights& w, Value x, const NormSpec& norm) {
  return norm.kind == NormKind::kInstance ? InstanceNorm(w, x, norm)
                                          : GroupNorm(w, x, norm, {x.dim(1)});
}

}  // namespace yoloport::nn
