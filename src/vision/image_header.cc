#include "vision/image_header.h"

#include <array>
#include <cctype>
#include <cstring>
#include <optional>

#include "base/text.h"
#include "vision/limits.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

using Bytes = std::span<const std::byte>;

// Thrown inside this file; becomes an ImageError with the image's name.
struct Broken {
  std::string what;
};
const Broken kIncomplete{"is incomplete: it ends in the middle of the picture"};

std::uint64_t Number(Bytes bytes, std::size_t at, std::size_t count, bool big_endian) {
  if (bytes.size() < count || at > bytes.size() - count) throw kIncomplete;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = big_endian ? at + i : at + count - 1 - i;
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[from]);
  }
  return value;
}
std::int64_t Big(Bytes bytes, std::size_t at, std::size_t count) {
  return static_cast<std::int64_t>(Number(bytes, at, count, true));
}
std::int64_t Little(Bytes bytes, std::size_t at, std::size_t count) {
  return static_cast<std::int64_t>(Number(bytes, at, count, false));
}

bool StartsWith(Bytes bytes, std::string_view text, std::size_t at = 0) {
  return bytes.size() >= at + text.size() &&
         std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

// The place of the next marker (its FF) after entropy-coded data.
std::size_t SkipEntropyCoded(Bytes bytes, std::size_t at) {
  while (true) {
    const void* found =
        at < bytes.size() ? std::memchr(bytes.data() + at, 0xFF, bytes.size() - at) : nullptr;
    if (found == nullptr) throw kIncomplete;
    at = static_cast<std::size_t>(static_cast<const std::byte*>(found) - bytes.data());
    const std::int64_t code = Big(bytes, at + 1, 1);
    const bool is_data = code == 0 || (code >= 0xD0 && code <= 0xD7);  // stuffing, restarts
    if (!is_data && code != 0xFF) return at;
    at += is_data ? 2 : 1;
  }
}

// Walks all segments: decoders take a JPEG that stops early for a picture with a grey rest.
ImageHeader ReadJpeg(Bytes bytes) {
  ImageHeader header{"JPEG"};
  std::size_t at = 2;
  for (int scans = 0;;) {
    while (Big(bytes, at, 2) == 0xFFFF) ++at;  // fill bytes
    const std::int64_t marker = Big(bytes, at, 2);
    if (marker >> 8 != 0xFF) throw Broken{"is damaged: a JPEG segment is missing"};
    if (marker == 0xFFD9) break;  // end of image
    if (marker == 0xFFD8 || marker == 0xFF01 || (marker >= 0xFFD0 && marker <= 0xFFD7)) {
      at += 2;
      continue;
    }
    const std::int64_t length = Big(bytes, at + 2, 2);
    const bool is_frame = marker >= 0xFFC0 && marker <= 0xFFCF && marker != 0xFFC4 &&
                          marker != 0xFFC8 && marker != 0xFFCC;
    if (is_frame) {
      header.height = Big(bytes, at + 5, 2);
      header.width = Big(bytes, at + 7, 2);
    }
    at += 2 + static_cast<std::size_t>(length);
    if (marker != 0xFFDA) continue;
    if (++scans > kMaxJpegScans) {
      throw Broken{"is refused: a JPEG of more than " + std::to_string(kMaxJpegScans) + " scans"};
    }
    at = SkipEntropyCoded(bytes, at);
  }
  return header;
}

ImageHeader ReadPng(Bytes bytes) {
  const ImageHeader header{"PNG", Big(bytes, 16, 4), Big(bytes, 20, 4)};
  for (std::size_t at = 8;;) {
    const std::int64_t length = Big(bytes, at, 4);
    const bool is_end = StartsWith(bytes, "IEND", at + 4);
    at += 12 + static_cast<std::size_t>(length);
    if (at > bytes.size()) throw kIncomplete;
    if (is_end) return header;
  }
}

// Formats that state their own length.
void CheckLength(Bytes bytes, std::uint64_t stated) {
  if (stated > bytes.size()) throw kIncomplete;
}

ImageHeader ReadBmp(Bytes bytes) {
  CheckLength(bytes, Number(bytes, 2, 4, false));
  const bool old = Little(bytes, 14, 4) == 12;  // OS/2
  const std::size_t size = old ? 2 : 4;
  std::int64_t height = Little(bytes, 18 + size, size);
  if (!old) height = std::abs(static_cast<std::int64_t>(static_cast<std::int32_t>(height)));
  return {"BMP", Little(bytes, 18, size), height};
}

ImageHeader ReadWebp(Bytes bytes) {
  CheckLength(bytes, 8 + Number(bytes, 4, 4, false));
  if (StartsWith(bytes, "VP8X", 12)) {
    return {"WebP", Little(bytes, 24, 3) + 1, Little(bytes, 27, 3) + 1};
  }
  if (StartsWith(bytes, "VP8L", 12)) {
    const std::int64_t bits = Little(bytes, 21, 4);
    return {"WebP", (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1};
  }
  return {"WebP", Little(bytes, 26, 2) & 0x3FFF, Little(bytes, 28, 2) & 0x3FFF};
}

ImageHeader ReadTiff(Bytes bytes) {
  const bool big = StartsWith(bytes, "MM");
  const auto number = [&](std::size_t at, std::size_t count) {
    return Number(bytes, at, count, big);
  };
  ImageHeader header{"TIFF"};
  const std::size_t directory = number(4, 4);
  const std::size_t entries = number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    const std::uint64_t tag = number(entry, 2);
    const std::size_t size = number(entry + 2, 2) == 3 ? 2 : 4;  // short or long
    const auto value = static_cast<std::int64_t>(number(entry + 8, size));
    if (tag == 256) header.width = value;
    if (tag == 257) header.height = value;
  }
  return header;
}

ImageHeader ReadPnm(Bytes bytes) {
  std::size_t at = 2;
  const auto next = [&]() -> std::int64_t {
    const auto peek = [&] { return static_cast<int>(Big(bytes, at, 1)); };
    while (std::isspace(peek()) != 0 || peek() == '#') {
      if (peek() == '#') {
        while (peek() != '\n') ++at;
      }
      ++at;
    }
    std::int64_t value = 0;
    for (; std::isdigit(peek()) != 0 && value < (std::int64_t{1} << 40); ++at) {
      value = value * 10 + (peek() - '0');
    }
    return value;
  };
  ImageHeader header{"PNM"};
  header.width = next();
  header.height = next();
  constexpr std::int64_t kPlausible = 1 << 24;  // beyond, the caller's limit speaks
  const bool is_binary = StartsWith(bytes, "P5") || StartsWith(bytes, "P6");
  if (is_binary && header.width < kPlausible && header.height < kPlausible) {
    const std::int64_t samples = header.width * header.height * (StartsWith(bytes, "P6") ? 3 : 1);
    const std::int64_t sample_size = next() > 255 ? 2 : 1;
    if (header.width * header.height <= kMaxImagePixels) {
      CheckLength(bytes, at + 1 + static_cast<std::uint64_t>(samples * sample_size));
    }
  }
  return header;
}

ImageHeader ReadJpeg2000(Bytes bytes) {
  // Boxes; the image header's stands in the first ones. A bare code stream says it in its first
  // segment.
  if (StartsWith(bytes, "\xFF\x4F\xFF\x51")) {
    return {"JPEG 2000", Big(bytes, 8, 4) - Big(bytes, 16, 4),
            Big(bytes, 12, 4) - Big(bytes, 20, 4)};
  }
  for (std::size_t at = 0; at < 1024; ++at) {
    if (Big(bytes, at, 4) == 0x69686472) {  // ihdr
      return {"JPEG 2000", Big(bytes, at + 8, 4), Big(bytes, at + 4, 4)};
    }
  }
  throw kIncomplete;
}

struct Format {
  std::string_view magic;
  ImageHeader (*read)(Bytes);
};
using namespace std::string_view_literals;
constexpr std::array<Format, 14> kFormats = {{
    {"\xFF\xD8\xFF"sv, ReadJpeg},
    {"\x89PNG\r\n\x1A\n"sv, ReadPng},
    {"RIFF"sv, ReadWebp},
    {"BM"sv, ReadBmp},
    {"II*\0"sv, ReadTiff},
    {"MM\0*"sv, ReadTiff},
    {"\0\0\0\x0CjP  "sv, ReadJpeg2000},
    {"\xFF\x4F\xFF\x51"sv, ReadJpeg2000},
    {"P1"sv, ReadPnm},
    {"P2"sv, ReadPnm},
    {"P3"sv, ReadPnm},
    {"P4"sv, ReadPnm},
    {"P5"sv, ReadPnm},
    {"P6"sv, ReadPnm},
}};

std::string LooksLike(Bytes bytes) {
  if (StartsWith(bytes, "GIF8")) return " (a GIF)";
  if (StartsWith(bytes, "<")) return " (a web page or XML)";
  if (StartsWith(bytes, "version https://git-lfs")) return " (a git-lfs pointer)";
  if (StartsWith(bytes, "PK\x03\x04")) return " (a zip archive)";
  if (StartsWith(bytes, "ftyp", 4)) return " (a video, HEIC or AVIF)";
  return "";
}

ImageHeader ReadAny(Bytes bytes) {
  if (bytes.empty()) throw Broken{"is empty"};
  for (const Format& format : kFormats) {
    const bool fits = StartsWith(bytes, format.magic) &&
                      (format.read != ReadWebp || StartsWith(bytes, "WEBP", 8));
    if (fits) return format.read(bytes);
  }
  throw Broken{"is no image of a known format" + LooksLike(bytes) +
               "; JPEG, PNG, WebP, BMP, TIFF, PNM and JPEG 2000 are read"};
}

}  // namespace

ImageHeader ReadImageHeader(Bytes bytes, std::string_view name) {
  try {
    return ReadAny(bytes);
  } catch (const Broken& broken) {
    throw ImageError(Quote(name) + ": " + broken.what);
  }
}

}  // namespace yoloport
