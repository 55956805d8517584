#include <algorithm>
#include <cstring>
#include <vector>

#include "image/header_bytes.h"
#include "image/limits.h"

namespace yoloport::image::header {
namespace {

constexpr std::int64_t kStart = 0xFFD8;
constexpr std::int64_t kEnd = 0xFFD9;
constexpr std::int64_t kScan = 0xFFDA;
constexpr std::int64_t kExif = 0xFFE1;
constexpr std::int64_t kFirstArithmetic = 0xFFC9;  // of frames; those before have Huffman codes
constexpr std::int64_t kBlock = 64;                // coefficients

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

struct Component {
  std::int64_t id = 0;
  std::int64_t samples = 0;  // in a block of the picture that has one of the coarsest component
};

// What the frame header says.
struct Frame {
  std::vector<Component> components;  // none before the frame header
  std::int64_t most_samples = 1;      // of a component
  bool is_progressive = false;
  bool is_arithmetic = false;

  // What is held of a picture while scan after scan refines it: 16 bits for each sample.
  std::int64_t BytesOfSamples() const {
    std::int64_t all = 0;
    for (const Component& each : components) all += each.samples;
    return (2 * all + most_samples - 1) / most_samples;
  }
};

// The frame header at `at`. libjpeg gives up at a second one, but goes by the first before it gets
// that far.
void ReadFrame(Bytes bytes, std::size_t at, ImageHeader& header, Frame& frame) {
  const std::int64_t height = Big(bytes, at + 5, 2);
  const std::int64_t width = Big(bytes, at + 7, 2);
  const std::int64_t components = Big(bytes, at + 9, 1);
  if (!frame.components.empty()) {
    throw Broken{"is damaged: it says twice how large it is, " +
                 ExtentText(header.width, header.height) + " and " + ExtentText(width, height)};
  }
  if (components < 1 || components > 4) {
    throw Broken{"is refused: a JPEG of " + std::to_string(components) +
                 " color components; up to 4 are read"};
  }
  header.height = height;
  header.width = width;
  for (std::int64_t i = 0; i < components; ++i) {
    const std::size_t place = at + 10 + 3 * static_cast<std::size_t>(i);
    const std::int64_t sampling = Big(bytes, place + 1, 1);
    const Component component{Big(bytes, place, 1), (sampling >> 4) * (sampling & 0xF)};
    frame.components.push_back(component);
    frame.most_samples = std::max(frame.most_samples, component.samples);
  }
  const std::int64_t marker = Big(bytes, at, 2);
  frame.is_progressive = (marker & 3) == 2;
  frame.is_arithmetic = marker >= kFirstArithmetic;
}

// Coefficients that the scan at `at` goes through, as Huffman's refining scans do, in a block of
// the picture. It may do so with no bytes for most blocks.
std::int64_t WorkOfScan(Bytes bytes, std::size_t at, const Frame& frame) {
  const auto components = static_cast<std::size_t>(Big(bytes, at + 4, 1));
  std::int64_t samples = 0;
  for (std::size_t i = 0; i < components; ++i) {
    const std::int64_t id = Big(bytes, at + 5 + 2 * i, 1);
    std::int64_t most = 0;  // ids may be there twice
    for (const Component& each : frame.components) {
      if (each.id == id) most = std::max(most, each.samples);
    }
    samples += most;
  }
  const std::size_t rest = at + 5 + 2 * components;
  std::int64_t band = kBlock;
  bool refines = false;
  if (frame.is_progressive) {
    band = std::clamp<std::int64_t>(Big(bytes, rest + 1, 1) - Big(bytes, rest, 1) + 1, 1, kBlock);
    refines = Big(bytes, rest + 2, 1) >> 4 != 0;
  }
  const std::int64_t passes = !frame.is_arithmetic ? 1
                              : refines            ? kArithmeticRefiningPasses
                                                   : kArithmeticPasses;
  return samples * (kJpegBlockCoefficients + band * passes);
}

}  // namespace

// Walks all segments: decoders take a JPEG that stops early for a picture with a grey rest.
ImageHeader ReadJpeg(Bytes bytes) {
  ImageHeader header{"JPEG"};
  Frame frame;
  std::int64_t scans = 0;
  std::int64_t work = 0;  // of the scans
  std::int64_t exif_segments = 0;
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
    if (IsFrame(marker)) ReadFrame(bytes, at, header, frame);
    if (marker == kExif && ++exif_segments > kMaxJpegExifSegments) {
      throw Broken{"is refused: a JPEG of more than " + std::to_string(kMaxJpegExifSegments) +
                   " EXIF segments"};
    }
    if (marker == kScan) work += WorkOfScan(bytes, at, frame);
    at += 2 + static_cast<std::size_t>(length);
    if (marker != kScan) continue;
    if (++scans > kMaxJpegScans) {
      throw Broken{"is refused: a JPEG of more than " + std::to_string(kMaxJpegScans) + " scans"};
    }
    at = SkipEntropyCoded(bytes, at);
  }
  const std::int64_t of_pass = kBlock * frame.most_samples;
  header.passes = std::max<std::int64_t>(1, (work + of_pass - 1) / of_pass);
  // A single scan is decoded row by row.
  if (frame.is_progressive || scans > 1) header.bytes_per_pixel += frame.BytesOfSamples();
  return header;
}

}  // namespace yoloport::image::header
