// JPEG by libjpeg itself: OpenCV's imgcodecs uses the same library, and loads 200 others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "yoloport/image.h"

namespace yoloport {

struct JpegExtent {
  int width = 0;  // pixels
  int height = 0;
};

// What libjpeg, which also decodes for OpenCV, takes for the size, before it allocates anything of
// that size. Nothing where it finds the header broken.
std::optional<JpegExtent> ReadJpegExtent(std::span<const std::byte> bytes);

struct DecodedJpeg {
  std::optional<Image> image;  // nothing: of another kind or broken, which OpenCV is to tell
  // The data of a scan end before its last pixel, though the file goes on: libjpeg makes up the
  // rest.
  bool is_incomplete = false;  // of any kind
};

// Pixel for pixel what cv::imdecode makes of an ordinary JPEG: 8 bits, grey or three colours,
// turned as EXIF says unless `wanted` is kAsStored.
DecodedJpeg DecodeJpeg(std::span<const std::byte> bytes,
                       Orientation wanted = Orientation::kUpright);

// Byte for byte what cv::imencode makes of it with that quality (0 to 100). False, and `encoded`
// is to be ignored, where libjpeg refuses it (sides of more than 65500 pixels) or memory is short.
bool EncodeJpeg(const ImageView& image, int quality, std::vector<std::byte>& encoded);

}  // namespace yoloport
