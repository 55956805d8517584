// What preparing an image of 1920 x 1080 for an input of 640 x 640 costs on one core, by the
// interpolations that MMYOLO's configs use.
#include <benchmark/benchmark.h>

#include <random>
#include <vector>

#include "image/prepare.h"

namespace yoloport {
namespace {

constexpr int kWidth = 1920;
constexpr int kHeight = 1080;

std::vector<std::uint8_t> Noise() {
  std::mt19937 random(1);
  std::vector<std::uint8_t> pixels(std::size_t{kWidth} * kHeight * 3);
  for (std::uint8_t& each : pixels) each = static_cast<std::uint8_t>(random());
  return pixels;
}

ImageView View(const std::vector<std::uint8_t>& pixels) {
  ImageView image;
  image.data = pixels.data();
  image.width = kWidth;
  image.height = kHeight;
  return image;
}

template <typename Element>
void Prepare(benchmark::State& state, const Preprocess& preprocess) {
  const std::vector<std::uint8_t> pixels = Noise();
  std::vector<Element> out(std::size_t{3} * preprocess.height * preprocess.width);
  for (auto iteration : state) {
    benchmark::DoNotOptimize(image::PrepareImage(View(pixels), preprocess, std::span(out)));
  }
}

void LetterboxArea(benchmark::State& state) { Prepare<float>(state, {}); }
void LetterboxBilinear(benchmark::State& state) {
  Prepare<float>(state, {.shrink = Interpolation::kBilinear});
}
void LetterboxToBytes(benchmark::State& state) {
  Prepare<std::uint8_t>(state, {.std = {1, 1, 1}, .type = InputType::kUint8});
}
void StretchBilinear(benchmark::State& state) {
  Prepare<float>(state, {.resize = ResizeKind::kStretch, .shrink = Interpolation::kBilinear});
}
BENCHMARK(LetterboxArea)->Unit(benchmark::kMillisecond);
BENCHMARK(LetterboxBilinear)->Unit(benchmark::kMillisecond);
BENCHMARK(LetterboxToBytes)->Unit(benchmark::kMillisecond);
BENCHMARK(StretchBilinear)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace yoloport
