// Convolutions with weights as networks have them, for tests.
#pragma once

#include <string>
#include <vector>

#include "graph/ops.h"

namespace yoloport::graph::passes {

// Weights that all differ.
inline Value MakeWeight(Graph& graph, const tensor::Shape& shape, const std::string& name) {
  const auto make = [shape] {
    std::vector<float> weight;
    for (std::int64_t i = 0; i < tensor::ElementCount(shape); ++i) {
      weight.push_back(static_cast<float>(i % 2 == 0 ? i + 1 : -i) / 8);
    }
    return tensor::Tensor::Of<float>(shape, std::move(weight));
  };
  return graph.Constant(LazyTensor{tensor::DType::kFloat32, shape, make}, name);
}

// A convolution named `name` of kernels of `size` x `size`. Its bias, `name.bias`,
// is `bias`, if there is any.
inline Value MakeConv(Value x, std::int64_t outputs, const std::string& name,
                      std::vector<float> bias = {}, std::int64_t size = 1,
                      const ConvSpec& spec = {}) {
  Graph& graph = x.graph();
  const Value weight =
      MakeWeight(graph, {outputs, x.dim(1) / spec.groups, size, size}, name + ".weight");
  const Value added =
      bias.empty()
          ? Value()
          : graph.Constant(tensor::Tensor::Of<float>({outputs}, std::move(bias)), name + ".bias");
  return Conv(x, weight, added, spec, name);
}

// The names of all constants, in the order in which they are written.
inline std::vector<std::string> ConstantNames(const Graph& graph) {
  std::vector<std::string> names;
  for (const int id : graph.constants()) names.push_back(graph.value(id).name);
  return names;
}

}  // namespace yoloport::graph::passes
