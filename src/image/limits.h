// What an encoded image may be before it is refused. kMaxImagePixels is in yoloport/image.h.
#pragma once

#include <cstdint>

namespace yoloport::image {

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

// Work of a decoder, in passes over all pixels times pixels: of a file of up to kSmallImageBytes 16
// passes over the largest picture, of a larger one more for each byte, up to an end. A pass is what
// a refining scan of Huffman codes costs, 0.7 ns a pixel. Runs of empty blocks cost no bytes, so
// that bytes alone bound nothing.
inline constexpr std::int64_t kFreeDecodedPixels = std::int64_t{1} << 32;
inline constexpr std::int64_t kSmallImageBytes = std::int64_t{1} << 20;
inline constexpr std::int64_t kDecodedPixelsPerByte = std::int64_t{1} << 14;
inline constexpr std::int64_t kMaxDecodedPixels = std::int64_t{1} << 35;

// Passes that a coefficient of a JPEG costs where codes are arithmetic: what is predicted costs no
// bits, so that they cost the same however few bytes there are. A new coefficient takes up to 30
// decisions, a refined one about one.
inline constexpr std::int64_t kArithmeticPasses = 128;
inline constexpr std::int64_t kArithmeticRefiningPasses = 8;
// Coefficients whose work a block of 64 takes beside that of its own.
inline constexpr std::int64_t kJpegBlockCoefficients = 16;

// A coding pass over a sample of a JPEG 2000 takes 2.5 to 3.5 ns, 5 passes, however few bytes its
// block has; the transform as much as two. Photos have about 30 coding passes, others up to 88.
inline constexpr std::int64_t kJpeg2000Passes = 5;
inline constexpr std::int64_t kJpeg2000Transform = 2;

}  // namespace yoloport::image
