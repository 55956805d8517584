#include "image/png_chunks.h"

#include "image/header_bytes.h"

namespace yoloport::image {
namespace {

constexpr std::size_t kSignature = 8;
constexpr std::size_t kFrame = 12;  // bytes of a chunk beside its data: length, name, checksum

// Pixels, palette and their like have names that begin with a capital. Of the others, transparency
// and the orientation change what is decoded.
bool IsNeeded(std::span<const std::byte> chunk) {
  constexpr std::byte kSmall{0x20};
  return (chunk[4] & kSmall) == std::byte{0} || header::StartsWith(chunk, "tRNS", 4) ||
         header::StartsWith(chunk, "eXIf", 4);
}

// Calls `visit` with each chunk. Their lengths were checked by ReadImageHeader().
template <typename Visit>
void ForEachChunk(std::span<const std::byte> png, const Visit& visit) {
  for (std::size_t at = kSignature; at < png.size();) {
    const auto size = kFrame + static_cast<std::size_t>(header::Big(png, at, 4));
    const auto chunk = png.subspan(at, size);
    visit(chunk);
    if (header::StartsWith(chunk, "IEND", 4)) return;
    at += size;
  }
}

}  // namespace

std::vector<std::byte> WithoutTexts(std::span<const std::byte> png) {
  constexpr std::size_t kFew = 4096;  // bytes: not worth a copy
  std::size_t texts = 0;
  ForEachChunk(png, [&](auto chunk) { texts += IsNeeded(chunk) ? 0 : chunk.size(); });
  if (texts <= kFew) return {};
  std::vector<std::byte> kept(png.begin(), png.begin() + kSignature);
  kept.reserve(png.size() - texts);
  ForEachChunk(png, [&](auto chunk) {
    if (IsNeeded(chunk)) kept.insert(kept.end(), chunk.begin(), chunk.end());
  });
  return kept;
}

}  // namespace yoloport::image
