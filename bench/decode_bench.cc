// What decoding and suppressing raw heads costs on one core. The heads are those of YOLOv8 and
// YOLOv5 at 640 x 640 with 80 classes; 100 objects, each seen by 3 x 3 neighbouring cells and more
// weakly by those around them, as trained networks do. numpy_decode.py makes the same scene.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tasks/detect/host/nms.h"
#include "tasks/detect/host/raw_decode.h"

namespace yoloport {
namespace {

constexpr int kClasses = 80;
constexpr int kObjects = 100;

struct Scene {
  contract::HeadSpec head;
  std::vector<std::vector<float>> values;
  std::vector<tasks::detect::host::RawMap> maps;
  std::vector<std::array<int, 2>> extents;  // height, width
};

// Levels of 80 x 80, 40 x 40 and 20 x 20 cells: 8400, with `channels` floats each.
void AddLevels(Scene& scene, int channels) {
  std::mt19937 random(1);
  std::normal_distribution<float> background(-7, 1);
  for (const int side : {80, 40, 20}) {
    scene.head.levels.push_back({{640.0F / side, 640.0F / side}, {}});
    scene.values.emplace_back(static_cast<std::size_t>(channels) * side * side);
    for (float& value : scene.values.back()) value = background(random);
  }
  for (std::size_t i = 0; i < 3; ++i) {
    const int side = 80 >> i;
    scene.maps.push_back({scene.values[i].data(), channels});
    scene.extents.push_back({side, side});
  }
}

// Object number i: cells of the finest level around (x, y) of a grid of 10 x 10.
template <typename Write>
void PlaceObjects(const Write& write) {
  for (int object = 0; object < kObjects; ++object) {
    const int x = 4 + 8 * (object % 10);
    const int y = 4 + 8 * (object / 10);
    for (int dy = -1; dy <= 1; ++dy) {
      for (int dx = -1; dx <= 1; ++dx) {
        write(object % kClasses, (y + dy) * 80 + x + dx, dx, dy,
              2.0F - std::abs(dx) - std::abs(dy));
      }
    }
  }
}

// 144 channels: 80 classes, 4 sides of 16 bins. A box reaches 2 cells around the object's cell.
Scene Yolov8Scene() {
  Scene scene;
  scene.head = {contract::BoxCoding::kDistance, false, kClasses, 16, 0.5F, {}};
  AddLevels(scene, kClasses + 64);
  std::vector<float>& values = scene.values[0];
  PlaceObjects([&](int label, int cell, int dx, int dy, float logit) {
    values[label * 6400 + cell] = logit;
    const int reach[4] = {2 + dx, 2 + dy, 2 - dx, 2 - dy};
    for (int side = 0; side < 4; ++side) {
      values[(kClasses + side * 16 + reach[side]) * 6400 + cell] = 4;
    }
  });
  return scene;
}

// 255 channels: 3 anchors of 4 box channels, objectness and 80 classes.
Scene Yolov5Scene() {
  Scene scene;
  scene.head = {contract::BoxCoding::kAnchor, true, kClasses, 1, 0, {}};
  AddLevels(scene, 3 * (kClasses + 5));
  for (contract::LevelSpec& level : scene.head.levels)
    level.anchors = {{10, 13}, {16, 30}, {33, 23}};
  std::vector<float>& values = scene.values[0];
  PlaceObjects([&](int label, int cell, int dx, int dy, float logit) {
    values[(5 + label) * 6400 + cell] = 4;
    values[4 * 6400 + cell] = logit;
    values[0 * 6400 + cell] = -1.0F * dx;
    values[1 * 6400 + cell] = -1.0F * dy;
    values[2 * 6400 + cell] = values[3 * 6400 + cell] = 1;
  });
  return scene;
}

void Run(benchmark::State& state, const Scene& scene) {
  std::size_t found = 0;
  std::size_t candidates = 0;
  const contract::RawHeadFit fit = contract::JoinedRawHead(scene.head, scene.extents, false);
  for (auto iteration : state) {
    const tasks::detect::host::RawCandidates chosen =
        tasks::detect::host::FindCandidates(fit, scene.maps, {});
    candidates = chosen.scored.size();
    found = tasks::detect::host::SuppressNonMaxima(chosen, {}).size();
    benchmark::DoNotOptimize(found);
  }
  state.counters["candidates"] = static_cast<double>(candidates);
  state.counters["detections"] = static_cast<double>(found);
}

void Yolov8(benchmark::State& state) { Run(state, Yolov8Scene()); }
void Yolov5(benchmark::State& state) { Run(state, Yolov5Scene()); }
BENCHMARK(Yolov8)->Unit(benchmark::kMillisecond);
BENCHMARK(Yolov5)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yoloport
