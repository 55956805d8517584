// What evaluating a config with all its bases costs: reading the files, lexer, parser, evaluator,
// merging. YOLOPORT_BENCH_CONFIG names the config (with the packages beside it, as installed); the
// demo's otherwise.
#include <benchmark/benchmark.h>

#include <cstdlib>

#include "config/config.h"
#include "paths.h"

namespace yoloport {
namespace {

using config::Config;

std::filesystem::path BenchConfig() {
  const char* given = std::getenv("YOLOPORT_BENCH_CONFIG");
  return given != nullptr ? std::filesystem::path(given) : bench::Root() / "demo/config.py";
}

void EvaluateConfig(benchmark::State& state) {
  const auto path = BenchConfig();
  for (auto iteration : state) benchmark::DoNotOptimize(Config::Load(path));
  const Config config = Config::Load(path);
  std::uintmax_t bytes = 0;
  for (const auto& file : config.files()) bytes += std::filesystem::file_size(file);
  state.SetLabel(path.filename());
  state.counters["files"] = static_cast<double>(config.files().size());
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(EvaluateConfig)->Unit(benchmark::kMillisecond);

void WriteConfigAsPython(benchmark::State& state) {
  const Config config = Config::Load(BenchConfig());
  std::size_t bytes = 0;
  for (auto iteration : state) bytes = config.ToPython().size();
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}
BENCHMARK(WriteConfigAsPython)->Unit(benchmark::kMillisecond);

// A comprehension of a thousand rounds: the evaluator without files.
void EvaluateLoops(benchmark::State& state) {
  const std::string text = "a = [dict(x=i, y=[i * 2, str(i)]) for i in range(1000)]\n";
  for (auto iteration : state) benchmark::DoNotOptimize(Config::FromText(text, "loops.py"));
}
BENCHMARK(EvaluateLoops)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yoloport
