// Runs a graph in tests.
#pragma once

#include <filesystem>
#include <span>
#include <vector>

#include "graph/graph.h"
#include "tensor/tensor.h"

namespace yoloport {

// What ONNX Runtime gives for each output of `graph`, which is simplified before and must not be
// yet. `optional`: nothing, or a tensor for each optional input.
std::vector<Tensor> RunGraph(graph::Graph& graph, std::span<const Tensor> inputs,
                             std::span<const Tensor> optional = {});

// The same of a graph as it is.
std::vector<Tensor> RunAsItIs(const graph::Graph& graph, std::span<const Tensor> inputs,
                              std::span<const Tensor> optional = {});

// The same of an ONNX file.
std::vector<Tensor> RunFile(const std::filesystem::path& path, std::span<const Tensor> inputs,
                            std::span<const Tensor> optional = {});

}  // namespace yoloport
