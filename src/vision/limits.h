// What an encoded image may be before it is refused. kMaxImagePixels is in yoloport/image.h.
#pragma once

#include <cstdint>

namespace yoloport {

// Bytes of an encoded image: it is read whole, and OpenCV counts them in 31 bits.
inline constexpr std::uint64_t kMaxImageFileBytes = std::uint64_t{1} << 30;

// Pixels. OpenCV has this limit of its own for each side, and says so on stderr.
inline constexpr std::int64_t kMaxImageSide = (std::int64_t{1} << 20) - 1;

// A small file that stands for a huge picture costs its sender nothing, and its reader seconds. A
// photo has a byte for each 2 to 20 pixels; a blank page as an ordinary JPEG one for each 64.
inline constexpr std::int64_t kFreeImagePixels = std::int64_t{1} << 25;
inline constexpr std::int64_t kMaxPixelsPerByte = 64;

// Of a decoder, with the decoded picture: in any case, for each byte of the file, and at most.
inline constexpr std::int64_t kFreeDecoderBytes = std::int64_t{512} << 20;
inline constexpr std::int64_t kMaxDecoderBytesPerByte = 512;
inline constexpr std::int64_t kMaxDecoderBytes = std::int64_t{2} << 30;

// A progressive JPEG has about ten scans; each is a pass over the whole picture, so that thousands
// of empty ones keep a decoder busy for hours.
inline constexpr int kMaxJpegScans = 200;

// Segments of application data (APP1: EXIF, XMP) of a JPEG, of which a camera writes one or two and
// an editor one for each 64 KB. libjpeg lists them, and goes through the list for each.
inline constexpr int kMaxJpegExifSegments = 10'000;

// Pixels that a decoder goes through, over and over: 16 scans of the largest picture.
inline constexpr std::int64_t kMaxDecodedPixels = std::int64_t{1} << 32;

}  // namespace yoloport
