// What an annotation file may hold before it is refused: far above any data set, and bounds what
// reading one costs.
#pragma once

#include <cstddef>

namespace yoloport::results {

// Objects365 has 1.9 million images, Open Images 1.9 million.
inline constexpr std::size_t kMaxAnnotatedImages = 4'000'000;
inline constexpr std::size_t kMaxCategories = 100'000;

// Names of images and of categories, all together.
inline constexpr std::size_t kMaxAnnotatedNameBytes = std::size_t{512} << 20;

}  // namespace yoloport::results
