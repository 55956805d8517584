// JPEG by libjpeg itself: OpenCV's imgcodecs uses the same library, and loads 200 others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "yoloport/image.h"

namespace yoloport::image {

struct DecodedJpeg {
  std::optional<Image> image;  // nothing: of another kind or broken, which OpenCV is to tell
  // The data of a scan end before its last pixel, though the file goes on: libjpeg makes up the
  // rest.
  bool is_incomplete = false;  // of any kind
  bool is_damaged = false;     // OpenCV, by the same library, would find the same
};

// Told what libjpeg, which also decodes for OpenCV, takes for the size, in pixels, before anything
// of that size is allocated, and whether it will be left to OpenCV, which decodes it once more. It
// may throw.
using CheckJpegExtent = std::function<void(int width, int height, bool is_left)>;

// Pixel for pixel what cv::imdecode makes of an ordinary JPEG: 8 bits, grey, three or four colours,
// turned as EXIF says unless `wanted` is kAsStored. `check` is called for every kind of JPEG, but
// not where libjpeg finds the header broken.
DecodedJpeg DecodeJpeg(std::span<const std::byte> bytes, Orientation wanted = Orientation::kUpright,
                       const CheckJpegExtent& check = {});

// Byte for byte what cv::imencode makes of it with that quality (0 to 100). False, and `encoded`
// is to be ignored, where libjpeg refuses it (sides of more than 65500 pixels) or memory is short.
bool EncodeJpeg(const ImageView& image, int quality, std::vector<std::byte>& encoded);

}  // namespace yoloport::image
