// What non-maximum suppression on the host costs by the number of candidates: objects of random
// classes and places, each seen by ten boxes that overlap; and the worst case, where no box
// suppresses another.
#include <benchmark/benchmark.h>

#include <random>

#include "tasks/detect/host/nms.h"

namespace yoloport {
namespace {

using tasks::detect::host::RawCandidates;

constexpr int kClasses = 80;
constexpr float kSide = 640;  // pixels of the network's input

// Label by label, as FindCandidates() gives them.
RawCandidates Candidates(std::int64_t count, int boxes_an_object) {
  std::mt19937 random(1);
  std::uniform_real_distribution<float> place(0, kSide);
  std::uniform_real_distribution<float> shift(-2, 2);
  std::uniform_real_distribution<float> score(0.25F, 1);
  RawCandidates candidates;
  tasks::detect::host::Corners object = {};
  for (std::int64_t i = 0; i < count; ++i) {
    if (i % boxes_an_object == 0) {
      const float x = place(random);
      const float y = place(random);
      object = {x, y, x + 30, y + 40};
    }
    tasks::detect::host::Corners box = object;
    for (float& side : box) side += shift(random);
    const int number = static_cast<int>(i);
    const int label = static_cast<int>(i * kClasses / count);
    candidates.boxes.push_back(box);
    candidates.scored.push_back({score(random), label, number, number});
  }
  return candidates;
}

void Suppress(benchmark::State& state, int boxes_an_object, const contract::NmsPolicy& settings) {
  const RawCandidates candidates = Candidates(state.range(0), boxes_an_object);
  std::size_t found = 0;
  for (auto iteration : state) {
    found = tasks::detect::host::SuppressNonMaxima(candidates, settings).size();
    benchmark::DoNotOptimize(found);
  }
  state.counters["detections"] = static_cast<double>(found);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void NmsByClass(benchmark::State& state) { Suppress(state, 10, {}); }
void NmsAcrossClasses(benchmark::State& state) { Suppress(state, 10, {.class_agnostic = true}); }
void NmsNothingSuppressed(benchmark::State& state) {
  Suppress(state, 1,
           {.iou_threshold = 1, .keep_topk = contract::NmsPolicy::kAll, .class_agnostic = true});
}
BENCHMARK(NmsByClass)->Arg(1000)->Arg(30000)->Unit(benchmark::kMicrosecond);
BENCHMARK(NmsAcrossClasses)->Arg(1000)->Arg(30000)->Unit(benchmark::kMicrosecond);
BENCHMARK(NmsNothingSuppressed)->Arg(1000)->Arg(10000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace yoloport
