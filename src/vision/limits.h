// What an encoded image may be before it is refused. kMaxImagePixels is in yoloport/image.h.
#pragma once

#include <cstdint>

namespace yoloport {

// Bytes of an encoded image: it is read whole, and OpenCV counts them in 31 bits.
inline constexpr std::uint64_t kMaxImageFileBytes = std::uint64_t{1} << 30;

// Pixels. OpenCV has this limit of its own for each side, and says so on stderr.
inline constexpr std::int64_t kMaxImageSide = (std::int64_t{1} << 20) - 1;

// A progressive JPEG has about ten scans; each is a pass over the whole picture, so that thousands
// of empty ones keep a decoder busy for hours.
inline constexpr int kMaxJpegScans = 200;

}  // namespace yoloport
