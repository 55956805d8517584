#include "nn/folded_conv.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "tensor/arithmetic.h"
#include "yoloport/error.h"

namespace yoloport::nn {
namespace {

using checkpoint::Weights;
using tensor::DType;
using tensor::Tensor;

constexpr float kHalfOverflow = 65520;  // rounds to infinity

std::vector<float> TakeVector(const Weights& weights, std::string_view key, std::int64_t size) {
  const Tensor tensor = weights.Take(key, {size}).To(DType::kFloat32);
  const auto values = tensor.values<float>();
  return {values.begin(), values.end()};
}

}  // namespace

ScaleShift TakeBatchNorm(const Weights& norm, std::int64_t channels, const NormSpec& spec) {
  const auto count = static_cast<std::size_t>(channels);
  std::vector<float> weight(count, 1.0F);
  std::vector<float> bias(count, 0.0F);
  if (spec.affine) {
    weight = TakeVector(norm, "weight", channels);
    bias = TakeVector(norm, "bias", channels);
  }
  const std::vector<float> mean = TakeVector(norm, "running_mean", channels);
  const std::vector<float> variance = TakeVector(norm, "running_var", channels);
  const auto negative =
      std::count_if(variance.begin(), variance.end(), [](float value) { return value < 0; });
  if (negative > 0) {
    norm.Warn("running_var", "holds " + std::to_string(negative) + " negative variance" +
                                 (negative == 1 ? "" : "s") + ", which no training gives");
  }
  ScaleShift folded;
  for (std::size_t i = 0; i < weight.size(); ++i) {
    // In float and in this order, so that every weight comes out as torch's ONNX exporter folds it:
    // deep networks amplify a last bit.
    const float scale = weight[i] / std::sqrt(variance[i] + static_cast<float>(spec.eps));
    folded.scale.push_back(scale);
    folded.shift.push_back(bias[i] - mean[i] * scale);
  }
  return folded;
}

FoldedConv TakeConv(const Weights& conv, const tensor::Shape& shape, bool with_bias) {
  const Tensor weight = conv.Take("weight", shape);  // first: refuses absurd shapes
  std::vector<float> bias(static_cast<std::size_t>(shape[0]), 0.0F);
  if (with_bias) bias = TakeVector(conv, "bias", shape[0]);
  return {shape, [weight] { return weight.To(DType::kFloat32); }, std::move(bias)};
}

FoldedConv TakeMatrix(const Weights& w, std::int64_t out, std::int64_t in, bool has_bias,
                      const std::string& keys) {
  const tensor::Shape shape = {out, in, 1, 1};
  const Tensor weight = w.Take(keys + "weight", {out, in}).Reshaped(shape);
  std::vector<float> bias(static_cast<std::size_t>(out), 0.0F);
  if (has_bias) bias = TakeVector(w, keys + "bias", out);
  return {shape, [weight] { return weight.To(DType::kFloat32); }, std::move(bias)};
}

FoldedConv Then(FoldedConv conv, ScaleShift norm) {
  for (std::size_t i = 0; i < conv.bias.size(); ++i) {
    conv.bias[i] = conv.bias[i] * norm.scale[i] + norm.shift[i];
  }
  conv.weight = [weight = std::move(conv.weight), scale = std::move(norm.scale)] {
    return tensor::ScaleRows(weight(), scale);
  };
  return conv;
}

FoldedConv IdentityConv(std::int64_t channels, std::int64_t groups, std::int64_t size) {
  const std::int64_t inputs = channels / groups;
  const tensor::Shape shape = {channels, inputs, size, size};
  const auto weight = [shape, inputs, size] {
    std::vector<float> values(static_cast<std::size_t>(tensor::ElementCount(shape)), 0.0F);
    const std::int64_t middle = (size / 2) * size + size / 2;
    for (std::int64_t o = 0; o < shape[0]; ++o) {
      values[static_cast<std::size_t>((o * inputs + o % inputs) * size * size + middle)] = 1.0F;
    }
    return Tensor::Of<float>(shape, std::move(values));
  };
  return {shape, weight, std::vector<float>(static_cast<std::size_t>(channels), 0.0F)};
}

FoldedConv Parallel(FoldedConv a, FoldedConv b) {
  std::transform(a.bias.begin(), a.bias.end(), b.bias.begin(), a.bias.begin(), std::plus<>());
  a.weight = [first = std::move(a.weight), second = std::move(b.weight)] {
    return tensor::AddKernels(first(), second());
  };
  return a;
}

FoldedConv WithOutputs(FoldedConv conv, std::vector<std::int64_t> order) {
  std::vector<float> bias;
  for (const std::int64_t index : order) bias.push_back(conv.bias[static_cast<std::size_t>(index)]);
  conv.bias = std::move(bias);
  conv.shape[0] = static_cast<std::int64_t>(order.size());
  conv.weight = [weight = std::move(conv.weight), order = std::move(order)] {
    return tensor::PermuteRows(weight(), order);
  };
  return conv;
}

Tensor WeightAs(const Tensor& tensor, DType dtype, const std::string& name) {
  if (dtype == DType::kFloat16) {
    const Tensor floats = tensor.To(DType::kFloat32);
    for (const float value : floats.values<float>()) {
      if (!(std::abs(value) >= kHalfOverflow)) continue;
      throw ModelError(
          name + ": has an element " + std::to_string(value) + ", which float16 cannot hold",
          "export without --half");
    }
  }
  return tensor.To(dtype);
}

graph::Value Emit(graph::Value x, FoldedConv conv, const graph::ConvSpec& spec,
                  const std::string& name) {
  graph::Graph& g = x.graph();
  const DType dtype = x.dtype();
  const auto make = [weight = std::move(conv.weight), dtype, name] {
    return WeightAs(weight(), dtype, name + ".weight");
  };
  const graph::Value weight =
      g.Constant(graph::LazyTensor{dtype, conv.shape, make}, name + ".weight");
  graph::Value bias;
  if (std::any_of(conv.bias.begin(), conv.bias.end(), [](float value) { return value != 0; })) {
    const Tensor values = Tensor::Of<float>({conv.shape[0]}, std::move(conv.bias));
    bias = g.Constant(WeightAs(values, dtype, name + ".bias"), name + ".bias");
  }
  return graph::Conv(x, weight, bias, spec, name);
}

}  // namespace yoloport::nn
