#include <algorithm>

#include "vision/header_bytes.h"

namespace yoloport::header {
namespace {

enum Marker : std::int64_t {
  kStart = 0xFF4F,
  kSize = 0xFF51,
  kCoding = 0xFF52,           // how components are divided into blocks
  kComponentCoding = 0xFF53,  // of one component, where it is another
  kTilePart = 0xFF90,
  kData = 0xFF93,
  kEnd = 0xFFD9,
};

// The code stream of a file of boxes: what the first box of its kind holds.
Bytes CodeStream(Bytes bytes) {
  if (StartsWith(bytes, "\xFF\x4F\xFF\x51")) return bytes;
  std::size_t at = 0;
  for (;;) {
    std::int64_t length = Big(bytes, at, 4);
    std::size_t header = 8;
    if (length == 1) {
      length = Big(bytes, at + 8, 8);
      header = 16;
    }
    if (length == 0) length = static_cast<std::int64_t>(bytes.size() - at);
    if (length < static_cast<std::int64_t>(header)) {
      throw Broken{"is damaged: a JPEG 2000 box of impossible length"};
    }
    if (StartsWith(bytes, "jp2c", at + 4)) return bytes.subspan(at + header);
    if (static_cast<std::uint64_t>(length) > bytes.size() - at) FailIncomplete();
    at += static_cast<std::size_t>(length);
  }
}

// The most bytes that a decoder spends on describing the blocks of a component, for each pixel.
// `at`: levels, then the blocks' sides, a style, the transform, and where the bit is set the sides
// of precincts, which cut blocks.
std::int64_t BytesOfBlocks(Bytes stream, std::size_t at, bool has_precincts) {
  const std::int64_t levels = Big(stream, at, 1);
  constexpr std::int64_t kMostLevels = 32;
  if (levels > kMostLevels) throw Broken{"is damaged: a JPEG 2000 of impossible coding"};
  const std::int64_t width = (Big(stream, at + 1, 1) & 0xF) + 2;  // powers of two
  const std::int64_t height = (Big(stream, at + 2, 1) & 0xF) + 2;
  std::int64_t least = width + height;
  for (std::int64_t i = 0; has_precincts && i <= levels; ++i) {
    const std::int64_t sides = Big(stream, at + 5 + static_cast<std::size_t>(i), 1);
    // Precincts are of all but the coarsest level's size twice, in its halves.
    const std::int64_t halved = i == 0 ? 0 : 1;
    least = std::min(least, std::min(width, std::max<std::int64_t>(0, (sides & 0xF) - halved)) +
                                std::min(height, std::max<std::int64_t>(0, (sides >> 4) - halved)));
  }
  constexpr std::int64_t kBytesOfBlock = 512;
  return kBytesOfBlock >> least;
}

// Walks the headers, of the whole and of its tiles, for what they say about blocks.
std::int64_t LargestBytesOfBlocks(Bytes stream, std::int64_t components) {
  std::int64_t largest = 0;
  std::size_t part = 0;  // where the tile part began
  for (std::size_t at = 2; at + 4 <= stream.size();) {
    const std::int64_t marker = Big(stream, at, 2);
    if (marker == kEnd) break;
    if (marker == kData) {
      const std::int64_t length = Big(stream, part + 6, 4);
      if (length == 0) break;  // to the end
      const std::size_t next = part + static_cast<std::size_t>(length);
      if (next <= at) throw Broken{"is damaged: a JPEG 2000 tile of impossible length"};
      at = next;
      continue;
    }
    if (marker >> 8 != 0xFF) throw Broken{"is damaged: a JPEG 2000 segment is missing"};
    const std::int64_t length = Big(stream, at + 2, 2);
    if (length < 2) throw Broken{"is damaged: a JPEG 2000 segment of no length"};
    if (marker == kTilePart) part = at;
    if (marker == kCoding) {
      largest = std::max(largest, BytesOfBlocks(stream, at + 9, (Big(stream, at + 4, 1) & 1) != 0));
    }
    if (marker == kComponentCoding) {  // numbers of components have a byte here: there are few
      largest = std::max(largest, BytesOfBlocks(stream, at + 6, (Big(stream, at + 5, 1) & 1) != 0));
    }
    at += 2 + static_cast<std::size_t>(length);
  }
  return largest * components;
}

}  // namespace

ImageHeader ReadJpeg2000(Bytes bytes) {
  const Bytes stream = CodeStream(bytes);
  if (Big(stream, 0, 2) != kStart || Big(stream, 2, 2) != kSize) {
    throw Broken{"is damaged: a JPEG 2000 that does not say how large it is"};
  }
  ImageHeader header{"JPEG 2000"};
  header.width = Big(stream, 8, 4) - Big(stream, 16, 4);
  header.height = Big(stream, 12, 4) - Big(stream, 20, 4);
  const std::int64_t components = Big(stream, 40, 2);
  if (components < 1 || components > 4) {
    throw Broken{"is refused: a JPEG 2000 of " + std::to_string(components) +
                 " color components; up to 4 are read"};
  }
  // Each component is transformed on its own, in numbers of 32 bits.
  header.passes = 2 * components;
  header.bytes_per_pixel += 4 * components + LargestBytesOfBlocks(stream, components);
  return header;
}

}  // namespace yoloport::header
