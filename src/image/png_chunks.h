// The parts of a PNG.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace yoloport::image {

// A whole PNG without what says nothing about its pixels: texts, profiles and the like, which
// libpng unpacks, up to 8 MB each and a thousand of them. Empty where there are hardly any.
std::vector<std::byte> WithoutTexts(std::span<const std::byte> png);

}  // namespace yoloport::image
