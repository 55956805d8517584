// What libyoloport_images.so gives to image_codec.cc: OpenCV's image formats, which load 200 other
// libraries.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "yoloport/image.h"

namespace yoloport::image {

inline constexpr const char* kImagesLibrary = "libyoloport_images.so";

// As cv::imdecode does. `image` has no pixels where that finds none. Throws ImageError that begins
// with `failure`.
extern "C" void YoloportDecodeImage(std::span<const std::byte> bytes, Orientation orientation,
                                    const std::string& failure, Image& image);

// As cv::imencode does for that extension (".png"), lossy formats with `quality` of 100. Throws
// ImageError that begins with `failure`.
extern "C" void YoloportEncodeImage(const Image& image, const std::string& extension, int quality,
                                    const std::string& failure, std::vector<std::byte>& encoded);

}  // namespace yoloport::image
