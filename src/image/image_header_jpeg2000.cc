#include <algorithm>
#include <array>
#include <cmath>

#include "image/header_bytes.h"
#include "image/limits.h"

namespace yoloport::image::header {
namespace {

enum Marker : std::int64_t {
  kStart = 0xFF4F,
  kSize = 0xFF51,
  kCoding = 0xFF52,           // how components are divided into blocks
  kComponentCoding = 0xFF53,  // of one component, where it is another
  kQuantization = 0xFF5C,
  kComponentQuantization = 0xFF5D,
  kRegion = 0xFF5E,  // of interest: its bit planes are shifted
  kTilePart = 0xFF90,
  kData = 0xFF93,
  kEnd = 0xFFD9,
};

constexpr std::int64_t kMostLevels = 32;
constexpr std::int64_t kMostPlanes = 30;  // of bits, that OpenJPEG decodes

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

// What the headers, of the whole and of its tiles, say about blocks: the most of all of them.
class Coding {
 public:
  explicit Coding(Bytes stream) : stream_(stream) {}

  // Walks the headers.
  void Read() {
    std::size_t part = 0;  // where the tile part began
    for (std::size_t at = 2; at + 4 <= stream_.size();) {
      const std::int64_t marker = Big(stream_, at, 2);
      if (marker == kEnd) break;
      if (marker == kData) {
        const std::int64_t length = Big(stream_, part + 6, 4);
        if (length == 0) break;  // to the end
        const std::size_t next = part + static_cast<std::size_t>(length);
        if (next <= at) throw Broken{"is damaged: a JPEG 2000 tile of impossible length"};
        at = next;
        continue;
      }
      if (marker >> 8 != 0xFF) throw Broken{"is damaged: a JPEG 2000 segment is missing"};
      const std::int64_t length = Big(stream_, at + 2, 2);
      if (length < 2) throw Broken{"is damaged: a JPEG 2000 segment of no length"};
      if (marker == kTilePart) part = at;
      // Numbers of components have a byte in the segments of one: there are few.
      if (marker == kCoding) AddBlocks(at + 9, at + 4);
      if (marker == kComponentCoding) AddBlocks(at + 6, at + 5);
      if (marker == kQuantization) AddPlanes(at + 4, at + 2 + static_cast<std::size_t>(length));
      if (marker == kComponentQuantization) {
        AddPlanes(at + 5, at + 2 + static_cast<std::size_t>(length));
      }
      if (marker == kRegion) planes_.fill(kMostPlanes);
      at += 2 + static_cast<std::size_t>(length);
    }
  }

  std::int64_t BytesOfPixel() const { return bytes_of_blocks_; }

  // Coding passes over a sample, rounded up: the first bit plane has one, each other three. The
  // three bands of the finest level are three quarters of a picture.
  std::int64_t Passes() const {
    double most = 0;
    for (std::size_t levels = 0; levels <= kMostLevels; ++levels) {
      if (!has_levels_[levels]) continue;
      double share = 1;
      double passes = 0;
      for (std::size_t level = levels; level > 0; --level) {
        share /= 4;
        for (std::size_t band = 0; band < 3; ++band) {
          const std::size_t finest = 3 * levels - band;
          passes += share * PassesOf(finest - 3 * (levels - level));
        }
      }
      most = std::max(most, passes + share * PassesOf(0));
    }
    return static_cast<std::int64_t>(std::ceil(most));
  }

 private:
  double PassesOf(std::size_t band) const {
    return std::max(0.0, 3.0 * static_cast<double>(planes_[band]) - 2);
  }

  void AddBlocks(std::size_t at, std::size_t style) {
    const bool has_precincts = (Big(stream_, style, 1) & 1) != 0;
    bytes_of_blocks_ = std::max(bytes_of_blocks_, BytesOfBlocks(stream_, at, has_precincts));
    has_levels_[static_cast<std::size_t>(Big(stream_, at, 1))] = true;
  }

  // Guard bits and style, then a number or two bytes for each band, or for the coarsest alone.
  void AddPlanes(std::size_t at, std::size_t end) {
    const std::int64_t style = Big(stream_, at, 1);
    const bool is_derived = (style & 0x1F) == 1;
    const std::size_t size = (style & 0x1F) == 0 ? 1 : 2;
    for (std::size_t band = 0; band < planes_.size(); ++band) {
      const std::size_t place = at + 1 + (is_derived ? 0 : size * band);
      if (place + size > end) break;
      std::int64_t exponent = Big(stream_, place, 1) >> 3;
      if (is_derived && band > 0) exponent -= static_cast<std::int64_t>(band - 1) / 3;
      const std::int64_t planes = (style >> 5) + std::max<std::int64_t>(0, exponent) - 1;
      planes_[band] = std::clamp(planes, planes_[band], kMostPlanes);
    }
  }

  Bytes stream_;
  std::int64_t bytes_of_blocks_ = 0;
  std::array<std::int64_t, 3 * kMostLevels + 1> planes_ = {};  // by band, from the coarsest
  std::array<bool, kMostLevels + 1> has_levels_ = {};
};

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
  Coding coding(stream);
  coding.Read();
  // Each component is decoded on its own, in numbers of 32 bits.
  const std::int64_t passes = coding.Passes() + kJpeg2000Transform;
  header.passes = components * passes * kJpeg2000Passes;
  header.bytes_per_pixel += components * (4 + coding.BytesOfPixel());
  return header;
}

}  // namespace yoloport::image::header
