// What an encoded image claims to be, and what decoding it will cost: read without decoding
// anything, by the same rules as the decoders. Where two decoders could see two pictures, it is
// refused.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace yoloport::image {

struct ImageHeader {
  std::string_view format;  // "JPEG", "PNG" ...
  std::int64_t width = 0;   // pixels
  std::int64_t height = 0;
  std::int64_t passes = 1;           // over all pixels that a decoder's work amounts to, at most
  std::int64_t bytes_per_pixel = 3;  // of a decoder's memory, with the decoded image's 3
  std::int64_t more_bytes = 0;       // of a decoder's memory beside that
};

// How many of a file's first bytes say its format.
inline constexpr std::size_t kImageFormatBytes = 64;

// Throws ImageError that begins with `name` unless `start`, a file's first kImageFormatBytes or all
// of it, is the start of an image of a known format.
void RequireImageFormat(std::span<const std::byte> start, std::string_view name);

// Throws ImageError that begins with `name` when the bytes are no image of a known format, end too
// early, say two things about its size, or are built to keep a decoder busy.
ImageHeader ReadImageHeader(std::span<const std::byte> bytes, std::string_view name);

// The same, and throws ImageError, too, when the bytes are more, or claim more pixels, work or
// memory, than limits.h allows. In image_file.cc.
ImageHeader CheckedImageHeader(std::span<const std::byte> bytes, std::string_view name);

// Of CheckedImageHeader() what `passes` are worth; `size` is the file's.
void CheckWork(const ImageHeader& header, std::size_t size, std::string_view name);

}  // namespace yoloport::image
