// What is computed while a graph is built: operators on constants, and BatchNorms and parallel
// branches folded into convolutions.
#include <benchmark/benchmark.h>

#include <numeric>

#include "graph/fold.h"
#include "nn/folded_conv.h"

namespace yoloport {
namespace {

using nn::FoldedConv;
using nn::Then;
using tensor::Tensor;

Tensor Ramp(const tensor::Shape& shape) {
  std::vector<float> values(static_cast<std::size_t>(tensor::ElementCount(shape)));
  std::iota(values.begin(), values.end(), 1.0F);
  return Tensor::Of<float>(shape, std::move(values));
}

void CountElements(benchmark::State& state, std::int64_t each) {
  state.SetItemsProcessed(state.iterations() * each);
}

// The largest tables that are folded at all.
void FoldAddOfEqualShapes(benchmark::State& state) {
  const Tensor a = Ramp({256, 256});
  for (auto iteration : state) benchmark::DoNotOptimize(graph::FoldBinary("Add", a, a));
  CountElements(state, a.size());
}
void FoldMulWithBroadcast(benchmark::State& state) {
  const Tensor a = Ramp({256, 256});
  const Tensor row = Ramp({256});
  for (auto iteration : state) benchmark::DoNotOptimize(graph::FoldBinary("Mul", a, row));
  CountElements(state, a.size());
}
void FoldTranspose(benchmark::State& state) {
  const Tensor a = Ramp({16, 64, 64});
  for (auto iteration : state) benchmark::DoNotOptimize(graph::FoldTranspose(a, {2, 0, 1}));
  CountElements(state, a.size());
}
void FoldConcat(benchmark::State& state) {
  const std::vector<Tensor> parts(4, Ramp({64, 256}));
  for (auto iteration : state) benchmark::DoNotOptimize(graph::FoldConcat(parts, 1));
  CountElements(state, 4 * parts[0].size());
}
void FoldSlice(benchmark::State& state) {
  const Tensor a = Ramp({256, 256});
  for (auto iteration : state) benchmark::DoNotOptimize(graph::FoldSlice(a, 1, 0, 256, 2));
  CountElements(state, a.size() / 2);
}
BENCHMARK(FoldAddOfEqualShapes)->Unit(benchmark::kMicrosecond);
BENCHMARK(FoldMulWithBroadcast)->Unit(benchmark::kMicrosecond);
BENCHMARK(FoldTranspose)->Unit(benchmark::kMicrosecond);
BENCHMARK(FoldConcat)->Unit(benchmark::kMicrosecond);
BENCHMARK(FoldSlice)->Unit(benchmark::kMicrosecond);

constexpr std::int64_t kChannels = 256;

FoldedConv Convolution(std::int64_t kernel) {
  const tensor::Shape shape = {kChannels, kChannels, kernel, kernel};
  const Tensor weight = Ramp(shape);
  return {shape, [weight] { return Tensor(weight); }, std::vector<float>(kChannels)};
}

nn::ScaleShift Norm() {
  return {std::vector<float>(kChannels, 0.5F), std::vector<float>(kChannels, 0.25F)};
}

void CountBytes(benchmark::State& state, const FoldedConv& conv) {
  state.SetBytesProcessed(state.iterations() * tensor::ElementCount(conv.shape) *
                          static_cast<std::int64_t>(sizeof(float)));
}

// 256 channels in and out, 3 x 3: 2.4 MB.
void FoldBatchNorm(benchmark::State& state) {
  const FoldedConv conv = Then(Convolution(3), Norm());
  for (auto iteration : state) benchmark::DoNotOptimize(conv.weight());
  CountBytes(state, conv);
}
BENCHMARK(FoldBatchNorm)->Unit(benchmark::kMillisecond);

// RepVGG's block: 3 x 3, 1 x 1 and the identity, each with a BatchNorm.
void FoldRepVggBlock(benchmark::State& state) {
  const FoldedConv both = nn::Parallel(Then(Convolution(3), Norm()), Then(Convolution(1), Norm()));
  const FoldedConv conv = nn::Parallel(both, Then(nn::IdentityConv(kChannels, 1, 1), Norm()));
  for (auto iteration : state) benchmark::DoNotOptimize(conv.weight());
  CountBytes(state, conv);
}
BENCHMARK(FoldRepVggBlock)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yoloport
