#include <algorithm>
#include <map>

#include "image/header_bytes.h"
#include "image/limits.h"

namespace yoloport::image::header {
namespace {

enum Tag : std::int64_t {
  kWidth = 256,
  kHeight = 257,
  kBits = 258,
  kCompression = 259,
  kStripOffsets = 273,
  kSamples = 277,
  kRowsPerStrip = 278,
  kStripBytes = 279,
  kPlanes = 284,
  kTileWidth = 322,
  kTileHeight = 323,
  kTileOffsets = 324,
  kTileBytes = 325,
};

// The first directory: the one picture that is decoded.
class Directory {
 public:
  explicit Directory(Bytes bytes) : bytes_(bytes), big_(StartsWith(bytes, "MM")) {
    const auto begin = static_cast<std::size_t>(Number(4, 4));
    const std::int64_t entries = Number(begin, 2);
    for (std::int64_t i = 0; i < entries; ++i) {
      const std::size_t at = begin + 2 + 12 * static_cast<std::size_t>(i);
      const std::int64_t tag = Number(at, 2);
      if (places_.emplace(tag, at).second) continue;
      throw Broken{"is damaged: its TIFF directory has the tag " + std::to_string(tag) + " twice"};
    }
  }

  bool Has(Tag tag) const { return places_.contains(tag); }

  // One number, or the first of several that are all the same (bits of each sample).
  std::int64_t Value(Tag tag, std::int64_t without) const {
    const auto place = places_.find(tag);
    return place == places_.end() ? without : Element(place->second, 0);
  }

  std::int64_t Count(Tag tag) const {
    const auto place = places_.find(tag);
    return place == places_.end() ? 0 : Number(place->second + 4, 4);
  }

  std::int64_t Sum(Tag tag) const {
    std::int64_t sum = 0;
    // As many as the file has room for; each is below 2^32.
    const std::int64_t count = std::min(Count(tag), static_cast<std::int64_t>(bytes_.size()));
    for (std::int64_t i = 0; i < count; ++i) sum += Element(places_.at(tag), i);
    return sum;
  }

 private:
  std::int64_t Number(std::size_t at, std::size_t count) const {
    return big_ ? Big(bytes_, at, count) : Little(bytes_, at, count);
  }

  std::int64_t Element(std::size_t entry, std::int64_t index) const {
    const std::int64_t type = Number(entry + 2, 2);
    const std::int64_t count = Number(entry + 4, 4);
    const std::int64_t size = type == 1 ? 1 : type == 3 ? 2 : type == 4 ? 4 : 0;
    if (size == 0 || count < 1) {
      throw Broken{"is refused: tag " + std::to_string(Number(entry, 2)) +
                   " of its TIFF directory is no whole number of up to 32 bits"};
    }
    const std::int64_t first =
        count * size <= 4 ? static_cast<std::int64_t>(entry) + 8 : Number(entry + 8, 4);
    return Number(static_cast<std::size_t>(first + index * size), static_cast<std::size_t>(size));
  }

  Bytes bytes_;
  bool big_;
  std::map<std::int64_t, std::size_t> places_;  // by tag
};

std::int64_t RoundedUp(std::int64_t value, std::int64_t step) {
  return (value + step - 1) / step * step;
}

// Parts of the file that are decoded one by one, strips or tiles; each is a buffer.
struct Pieces {
  std::int64_t width = 0;
  std::int64_t height = 0;
  Tag offsets = kStripOffsets;
  Tag bytes = kStripBytes;
};

Pieces FindPieces(const Directory& directory, const ImageHeader& header) {
  if (directory.Has(kTileWidth) || directory.Has(kTileHeight)) {
    return {directory.Value(kTileWidth, 0), directory.Value(kTileHeight, 0), kTileOffsets,
            kTileBytes};
  }
  constexpr std::int64_t kAll = 0xFFFFFFFF;
  const std::int64_t rows = directory.Value(kRowsPerStrip, kAll);
  return {header.width, rows == 0 || rows == kAll ? header.height : rows};
}

// Each piece is read from its own part of the file. If they shared it, a few bytes would stand for
// any number.
void CheckShares(const Directory& directory, const Pieces& pieces, Bytes bytes) {
  constexpr std::int64_t kUncompressed = 1;
  const bool needs_sizes = directory.Value(kCompression, kUncompressed) != kUncompressed &&
                           directory.Count(pieces.offsets) > 1;
  if (needs_sizes && directory.Count(pieces.bytes) < directory.Count(pieces.offsets)) {
    throw Broken{"is damaged: its TIFF directory does not say how large its strips or tiles are"};
  }
  if (directory.Sum(pieces.bytes) <= static_cast<std::int64_t>(bytes.size())) return;
  throw Broken{"is refused: its strips or tiles are larger together than the file"};
}

}  // namespace

ImageHeader ReadTiff(Bytes bytes) {
  const Directory directory(bytes);
  ImageHeader header{"TIFF"};
  header.width = directory.Value(kWidth, 0);
  header.height = directory.Value(kHeight, 0);
  const Pieces pieces = FindPieces(directory, header);
  const auto is_side = [](std::int64_t side) { return side > 0 && side <= kMaxImageSide; };
  if (!is_side(header.width) || !is_side(header.height)) return header;  // the caller refuses it
  if (!is_side(pieces.width) || !is_side(pieces.height)) {
    throw Broken{"is refused: a TIFF of strips or tiles of " +
                 ExtentText(pieces.width, pieces.height) + " pixels"};
  }
  CheckShares(directory, pieces, bytes);
  const std::int64_t samples = directory.Value(kSamples, 1);
  const std::int64_t bits = directory.Value(kBits, 1);
  if (samples < 1 || samples > 4 || bits < 1 || bits > 64) {
    throw Broken{"is refused: a TIFF of " + std::to_string(samples) + " samples a pixel and " +
                 std::to_string(bits) + " bits a sample; up to 4 and 64 are read"};
  }
  // As libtiff gives it, or as OpenCV asks for it: four bytes a pixel.
  const std::int64_t pixel = std::max<std::int64_t>(4, samples * ((bits + 7) / 8));
  header.more_bytes = 2 * pixel * pieces.width * pieces.height;
  const std::int64_t decoded =
      RoundedUp(header.width, pieces.width) * RoundedUp(header.height, pieces.height);
  const std::int64_t work = decoded * std::max<std::int64_t>(1, pixel / 8);
  const std::int64_t pixels = header.width * header.height;
  header.passes = (work + pixels - 1) / pixels;
  return header;
}

}  // namespace yoloport::image::header
