// What writing a graph costs: its check without weights, and the file, beside the same bytes
// written as they are.
#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "graph/ops.h"
#include "onnx/write/writer.h"

namespace yoloport {
namespace {

using tensor::Tensor;

constexpr std::int64_t kChannels = 256;

// A row of `convs` convolutions of 256 channels, 3 x 3: 2.4 MB each.
void BuildConvolutions(graph::Graph& graph, std::int64_t convs) {
  const tensor::Shape shape = {kChannels, kChannels, 3, 3};
  const Tensor weight = Tensor::Of<float>(
      shape, std::vector<float>(static_cast<std::size_t>(tensor::ElementCount(shape)), 0.5F));
  const Tensor bias = Tensor::Of<float>({kChannels}, std::vector<float>(kChannels));
  graph::Value x = graph.Input("images", tensor::DType::kFloat32, {1, kChannels, 20, 20});
  for (std::int64_t i = 0; i < convs; ++i) {
    const std::string name = "backbone.stage1." + std::to_string(i) + ".conv";
    const graph::Value lazy = graph.Constant(
        graph::LazyTensor{tensor::DType::kFloat32, shape, [weight] { return Tensor(weight); }},
        name + ".weight");
    x = graph::Conv(x, lazy, graph.Constant(bias, name + ".bias"), {.padding = 1}, name);
    x = graph::Mul(x, graph::Sigmoid(x));
  }
  graph.Output(x, "output");
}

std::filesystem::path TemporaryPath() {
  return std::filesystem::temp_directory_path() /
         ("yoloport-bench-" + std::to_string(::getpid()) + ".onnx");
}

void CheckGraph(benchmark::State& state) {
  graph::Graph graph(17);
  BuildConvolutions(graph, state.range(0));
  for (auto iteration : state) onnx::write::CheckOnnx(graph);
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(graph.nodes().size()));
}
BENCHMARK(CheckGraph)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond);

void WriteGraph(benchmark::State& state) {
  graph::Graph graph(17);
  BuildConvolutions(graph, state.range(0));
  const auto path = TemporaryPath();
  onnx::write::OnnxHeader header;
  header.graph_name = "bench";
  std::uint64_t bytes = 0;
  for (auto iteration : state) bytes = onnx::write::WriteOnnx(graph, header, path);
  std::filesystem::remove(path);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(WriteGraph)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond)->UseRealTime();

void WriteSameBytes(benchmark::State& state) {
  const std::vector<char> weight(static_cast<std::size_t>(kChannels) * kChannels * 9 * 4);
  const auto path = TemporaryPath();
  for (auto iteration : state) {
    std::ofstream out(path, std::ios::binary);
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      out.write(weight.data(), static_cast<std::streamsize>(weight.size()));
    }
  }
  std::filesystem::remove(path);
  state.SetBytesProcessed(state.iterations() * state.range(0) *
                          static_cast<std::int64_t>(weight.size()));
}
BENCHMARK(WriteSameBytes)->Arg(20)->Arg(100)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace yoloport
