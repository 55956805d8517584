// What reading a checkpoint costs apart from its weights: the pickle machine on state_dicts of so
// many tensors, the state_dict found in them, and opening a whole file (YOLOPORT_BENCH_CHECKPOINT;
// the demo's otherwise).
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "checkpoint/checkpoint.h"
#include "checkpoint/state_dict.h"
#include "checkpoint/weights.h"
#include "formats/pickle/unpickler.h"
#include "paths.h"
#include "testing/files/checkpoint_files.h"

namespace yoloport {
namespace {

using checkpoint::Checkpoint;

// {'state_dict': {'backbone.stage1.N.conv.weight': a tensor of 4 x 4 x 3 x 3, ...}}
std::string StateDictPickle(std::int64_t tensors) {
  test_support::PickleWriter pickle;
  pickle.Raw("}").Text("state_dict").Raw("}(");
  for (std::int64_t i = 0; i < tensors; ++i) {
    pickle.Text("backbone.stage1." + std::to_string(i) + ".conv.weight");
    pickle.Tensor("FloatStorage", std::to_string(i), 144, 0, {4, 4, 3, 3}, {36, 9, 3, 1});
  }
  return pickle.Raw("us").Done();
}

void Unpickle(benchmark::State& state) {
  const std::string pickle = StateDictPickle(state.range(0));
  for (auto iteration : state) {
    formats::pickle::PickleDocument document;
    benchmark::DoNotOptimize(&formats::pickle::Unpickler(document, pickle, 0, "").Load());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(pickle.size()));
}
BENCHMARK(Unpickle)->Arg(500)->Arg(5000)->Unit(benchmark::kMillisecond);

void RebuildTensors(benchmark::State& state) {
  const std::string pickle = StateDictPickle(state.range(0));
  formats::pickle::PickleDocument document;
  const formats::pickle::Value& root = formats::pickle::Unpickler(document, pickle, 0, "").Load();
  const auto bytes = std::make_shared<std::vector<std::byte>>(144 * sizeof(float));
  const checkpoint::StorageLoader loader = [&](const checkpoint::StorageId& id) {
    return std::make_shared<checkpoint::Storage>("storage", id.dtype, *bytes, bytes);
  };
  for (auto iteration : state) {
    std::vector<std::string> notes;
    benchmark::DoNotOptimize(checkpoint::ReadStateDict(root, loader, notes));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(RebuildTensors)->Arg(500)->Arg(5000)->Unit(benchmark::kMillisecond);

std::filesystem::path BenchCheckpoint() {
  const char* given = std::getenv("YOLOPORT_BENCH_CHECKPOINT");
  return given != nullptr ? std::filesystem::path(given) : bench::Root() / "demo/digits.pth";
}

void OpenCheckpoint(benchmark::State& state) {
  const auto path = BenchCheckpoint();
  for (auto iteration : state) benchmark::DoNotOptimize(Checkpoint::Open(path));
  state.SetLabel(path.filename());
}
BENCHMARK(OpenCheckpoint)->Unit(benchmark::kMillisecond);

// With every weight checked against its checksum and looked at for what is no number.
void TakeAllWeights(benchmark::State& state) {
  const auto path = BenchCheckpoint();
  for (auto iteration : state) {
    const Checkpoint checkpoint = Checkpoint::Open(path);
    const checkpoint::Weights weights(checkpoint);
    for (const auto& entry : checkpoint.tensors()) {
      if (entry.usable()) weights.Take(entry.key, entry.tensor.shape());
    }
  }
  state.SetLabel(path.filename());
  state.SetBytesProcessed(state.iterations() *
                          static_cast<std::int64_t>(std::filesystem::file_size(path)));
}
BENCHMARK(TakeAllWeights)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yoloport
