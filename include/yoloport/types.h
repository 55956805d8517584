// The values that cross the public interface: images in, detections out.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace yoloport {

// A view of 8-bit pixels that the caller owns: rows of interleaved channels, blue first (BGR), as
// OpenCV reads them.
struct ImageView {
  const std::uint8_t* data = nullptr;
  int width = 0;           // pixels
  int height = 0;          // pixels
  int channels = 3;        // 3 (BGR) or 1 (grey)
  std::size_t stride = 0;  // bytes from one row to the next; 0 means width * channels
};

// One detected object.
struct Detection {
  int label = -1;                 // index into the model's classes
  float score = 0;                // 0..1
  std::array<float, 4> box = {};  // x1, y1, x2, y2 in pixels of the original image
};

// A colour as the class palette states it.
struct Rgb {
  std::uint8_t r = 0, g = 0, b = 0;
};

}  // namespace yoloport
