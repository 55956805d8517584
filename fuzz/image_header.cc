// What an encoded image claims to be. (Decoding is OpenCV's, and not fuzzed here.)
#include "image/image_header.h"

#include <cstdint>

#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    yoloport::image::ReadImageHeader(std::as_bytes(std::span(data, size)), "image");
  } catch (const yoloport::ImageError&) {
    // Expected of malformed input.
  }
  return 0;
}
