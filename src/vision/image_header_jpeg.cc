#include <algorithm>
#include <cstring>

#include "vision/header_bytes.h"
#include "vision/limits.h"

namespace yoloport::header {
namespace {

constexpr std::int64_t kStart = 0xFFD8;
constexpr std::int64_t kEnd = 0xFFD9;
constexpr std::int64_t kScan = 0xFFDA;
constexpr std::int64_t kExif = 0xFFE1;

// The place of the next marker (its FF) after entropy-coded data.
std::size_t SkipEntropyCoded(Bytes bytes, std::size_t at) {
  while (true) {
    const void* found =
        at < bytes.size() ? std::memchr(bytes.data() + at, 0xFF, bytes.size() - at) : nullptr;
    if (found == nullptr) FailIncomplete();
    at = static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
    const std::int64_t code = Big(bytes, at + 1, 1);
    const bool is_data = code == 0 || (code >= 0xD0 && code <= 0xD7);  // stuffing, restarts
    if (!is_data && code != 0xFF) return at;
    at += is_data ? 2 : 1;
  }
}

bool IsFrame(std::int64_t marker) {
  return marker >= 0xFFC0 && marker <= 0xFFCF && marker != 0xFFC4 && marker != 0xFFC8 &&
         marker != 0xFFCC;
}

bool HasNoLength(std::int64_t marker) {
  return marker == kStart || marker == 0xFF01 || (marker >= 0xFFD0 && marker <= 0xFFD7);
}

// What is held of a picture while scan after scan refines it: 16 bits for each sample.
std::int64_t BytesOfSamples(Bytes bytes, std::size_t frame, std::int64_t components) {
  std::int64_t most = 1;
  std::int64_t all = 0;
  for (std::int64_t i = 0; i < components; ++i) {
    const std::int64_t sampling = Big(bytes, frame + 11 + 3 * static_cast<std::size_t>(i), 1);
    const std::int64_t samples = (sampling >> 4) * (sampling & 0xF);
    most = std::max(most, samples);
    all += samples;
  }
  return (2 * all + most - 1) / most;
}

// The frame header at `at`. libjpeg gives up at a second one, but goes by the first before it gets
// that far.
void ReadFrame(Bytes bytes, std::size_t at, ImageHeader& header, std::int64_t& sample_bytes) {
  const std::int64_t height = Big(bytes, at + 5, 2);
  const std::int64_t width = Big(bytes, at + 7, 2);
  const std::int64_t components = Big(bytes, at + 9, 1);
  if (sample_bytes > 0) {
    throw Broken{"is damaged: it says twice how large it is, " +
                 ExtentText(header.width, header.height) + " and " + ExtentText(width, height)};
  }
  if (components < 1 || components > 4) {
    throw Broken{"is refused: a JPEG of " + std::to_string(components) +
                 " color components; up to 4 are read"};
  }
  header.height = height;
  header.width = width;
  sample_bytes = BytesOfSamples(bytes, at, components);
}

}  // namespace

// Walks all segments: decoders take a JPEG that stops early for a picture with a grey rest.
ImageHeader ReadJpeg(Bytes bytes) {
  ImageHeader header{"JPEG"};
  std::int64_t sample_bytes = 0;  // of a pixel; 0 before the frame header
  std::int64_t scans = 0;
  std::int64_t exif_segments = 0;
  bool is_progressive = false;
  std::size_t at = 2;
  for (;;) {
    while (Big(bytes, at, 2) == 0xFFFF) ++at;  // fill bytes
    const std::int64_t marker = Big(bytes, at, 2);
    if (marker >> 8 != 0xFF) throw Broken{"is damaged: a JPEG segment is missing"};
    if (marker == kEnd) break;
    if (HasNoLength(marker)) {
      at += 2;
      continue;
    }
    const std::int64_t length = Big(bytes, at + 2, 2);
    if (length < 2) throw Broken{"is damaged: a JPEG segment of no length"};
    if (IsFrame(marker)) {
      ReadFrame(bytes, at, header, sample_bytes);
      is_progressive = (marker & 3) == 2;
    }
    if (marker == kExif && ++exif_segments > kMaxJpegExifSegments) {
      throw Broken{"is refused: a JPEG of more than " + std::to_string(kMaxJpegExifSegments) +
                   " EXIF segments"};
    }
    at += 2 + static_cast<std::size_t>(length);
    if (marker != kScan) continue;
    if (++scans > kMaxJpegScans) {
      throw Broken{"is refused: a JPEG of more than " + std::to_string(kMaxJpegScans) + " scans"};
    }
    at = SkipEntropyCoded(bytes, at);
  }
  header.passes = std::max<std::int64_t>(1, scans);
  // A single scan is decoded row by row.
  if (is_progressive || scans > 1) header.bytes_per_pixel += sample_bytes;
  return header;
}

}  // namespace yoloport::header
