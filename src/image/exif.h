// How a camera says that it was held.
#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace yoloport::image {

// The orientation, 1 (upright) to 8, that OpenCV finds in `tiff`: the contents of a JPEG's first
// APP1 segment behind "Exif\0\0". 1 where there is none. Nothing where entries before it are
// damaged, in which case it depends on these whether OpenCV gets that far.
std::optional<int> ExifOrientation(std::span<const std::byte> tiff);

}  // namespace yoloport::image
