// Runs a graph in tests.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "graph/graph.h"
#include "tensor/tensor.h"

namespace yoloport::test_support {

// What ONNX Runtime gives for each output of `graph`, which is simplified before and must not be
// yet. `optional`: nothing, or a tensor for each optional input.
std::vector<tensor::Tensor> RunGraph(graph::Graph& graph, std::span<const tensor::Tensor> inputs,
                                     std::span<const tensor::Tensor> optional = {});

// The same of a graph as it is.
std::vector<tensor::Tensor> RunAsItIs(const graph::Graph& graph,
                                      std::span<const tensor::Tensor> inputs,
                                      std::span<const tensor::Tensor> optional = {});

// The same of an ONNX file.
std::vector<tensor::Tensor> RunFile(const std::filesystem::path& path,
                                    std::span<const tensor::Tensor> inputs,
                                    std::span<const tensor::Tensor> optional = {});

}  // namespace yoloport::test_support
