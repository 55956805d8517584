#include "image/exif.h"

#include <array>
#include <cstdint>

namespace yoloport::image {
namespace {

constexpr std::uint64_t kTiffMark = 42;
constexpr std::uint64_t kOrientation = 0x0112;
constexpr std::size_t kEntrySize = 12;  // bytes: tag, type (2 each), count, value or place (4 each)
constexpr int kUpright = 1;

struct Tiff {
  std::span<const std::byte> bytes;
  bool is_little = false;

  bool Has(std::uint64_t at, std::uint64_t count) const {
    return count <= bytes.size() && at <= bytes.size() - count;
  }
  // Zero beyond the end.
  std::uint64_t Number(std::uint64_t at, std::size_t count) const {
    if (!Has(at, count)) return 0;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::byte next = bytes[at + (is_little ? count - 1 - i : i)];
      value = value << 8 | std::to_integer<std::uint64_t>(next);
    }
    return value;
  }
};

// Whether all that the entry at `at` speaks of is there.
bool IsWhole(const Tiff& tiff, std::uint64_t at) {
  constexpr std::array<std::uint64_t, 13> kSizes = {1, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8};
  const std::uint64_t type = tiff.Number(at + 2, 2);
  const std::uint64_t size = (type < kSizes.size() ? kSizes.at(type) : 1) * tiff.Number(at + 4, 4);
  return tiff.Has(at, kEntrySize) && (size <= 4 || tiff.Has(tiff.Number(at + 8, 4), size));
}

}  // namespace

std::optional<int> ExifOrientation(std::span<const std::byte> bytes) {
  const bool is_little = bytes.size() > 1 && bytes[0] == std::byte{'I'} && bytes[1] == bytes[0];
  const Tiff tiff{bytes, is_little};
  if (tiff.Number(2, 2) != kTiffMark) return kUpright;
  const std::uint64_t directory = tiff.Number(4, 4);
  const std::uint64_t entries = tiff.Number(directory, 2);
  bool all_whole = true;
  for (std::uint64_t i = 0; i < entries; ++i) {
    const std::uint64_t at = directory + 2 + kEntrySize * i;
    if (!tiff.Has(at, 2)) break;
    if (tiff.Number(at, 2) == kOrientation) {
      const std::uint64_t turn = tiff.Number(at + 8, 2);
      if (turn < 1 || turn > 8) return kUpright;
      if (!all_whole && turn != kUpright) return std::nullopt;
      return static_cast<int>(turn);
    }
    all_whole = all_whole && IsWhole(tiff, at);
  }
  return kUpright;
}

}  // namespace yoloport::image
