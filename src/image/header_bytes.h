// What the readers of image headers have in common.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "image/image_header.h"

namespace yoloport::image::header {

using Bytes = std::span<const std::byte>;

// Becomes an ImageError with the image's name.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[noreturn]] void FailIncomplete();

// Numbers of up to 8 bytes. Throw Broken beyond the end.
std::int64_t Big(Bytes bytes, std::size_t at, std::size_t count);
std::int64_t Little(Bytes bytes, std::size_t at, std::size_t count);

bool StartsWith(Bytes bytes, std::string_view text, std::size_t at = 0);

// "30000x16".
std::string ExtentText(std::int64_t width, std::int64_t height);

// The formats that take more than a few lines. All throw Broken.
ImageHeader ReadJpeg(Bytes bytes);
ImageHeader ReadTiff(Bytes bytes);
ImageHeader ReadJpeg2000(Bytes bytes);

}  // namespace yoloport::image::header
