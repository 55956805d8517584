// What an encoded image claims to be, read from its first bytes and without decoding anything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace yoloport {

struct ImageHeader {
  std::string_view format;  // "JPEG", "PNG" ...
  std::int64_t width = 0;   // pixels
  std::int64_t height = 0;
};

// Throws ImageError that begins with `name` when the bytes are no image of a known format, end too
// early, or are built to keep a decoder busy (a JPEG of thousands of scans).
ImageHeader ReadImageHeader(std::span<const std::byte> bytes, std::string_view name);

// The same, and throws ImageError, too, when the bytes are more, or claim more pixels, than
// limits.h allows. In image_file.cc.
ImageHeader CheckedImageHeader(std::span<const std::byte> bytes, std::string_view name);

}  // namespace yoloport
