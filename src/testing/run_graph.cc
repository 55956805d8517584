#include "testing/run_graph.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "graph/passes/simplify.h"
#include "onnx/write/writer.h"
#include "runtime/session.h"

namespace yoloport::test_support {

using tensor::Tensor;

std::vector<Tensor> RunGraph(graph::Graph& graph, std::span<const Tensor> inputs,
                             std::span<const Tensor> optional) {
  graph::passes::Simplify(graph);
  return RunAsItIs(graph, inputs, optional);
}

std::vector<Tensor> RunAsItIs(const graph::Graph& graph, std::span<const Tensor> inputs,
                              std::span<const Tensor> optional) {
  onnx::write::CheckOnnx(graph);
  const std::filesystem::path path = std::filesystem::path(testing::TempDir()) /
                                     ("run_graph_" + std::to_string(::getpid()) + ".onnx");
  onnx::write::WriteOnnx(graph, {"test", "graph"}, path);
  std::vector<Tensor> outputs = RunFile(path, inputs, optional);
  std::filesystem::remove(path);
  return outputs;
}

std::vector<Tensor> RunFile(const std::filesystem::path& path, std::span<const Tensor> inputs,
                            std::span<const Tensor> optional) {
  return runtime::OpenSession(path, {})->Run(inputs, optional);
}

}  // namespace yoloport::test_support
