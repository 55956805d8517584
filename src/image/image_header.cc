#include "image/image_header.h"

#include <array>
#include <cctype>
#include <cstring>

#include "base/git_lfs.h"
#include "base/text.h"
#include "image/header_bytes.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport::image {
namespace header {
namespace {

std::int64_t Number(Bytes bytes, std::size_t at, std::size_t count, bool big_endian) {
  if (bytes.size() < count || at > bytes.size() - count) FailIncomplete();
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t from = big_endian ? at + i : at + count - 1 - i;
    value = value << 8 | std::to_integer<std::uint64_t>(bytes[from]);
  }
  return static_cast<std::int64_t>(value);
}

}  // namespace

void FailIncomplete() { throw Broken{"is incomplete: it ends in the middle of the picture"}; }

std::int64_t Big(Bytes bytes, std::size_t at, std::size_t count) {
  return Number(bytes, at, count, true);
}
std::int64_t Little(Bytes bytes, std::size_t at, std::size_t count) {
  return Number(bytes, at, count, false);
}

bool StartsWith(Bytes bytes, std::string_view text, std::size_t at) {
  return bytes.size() >= text.size() && at <= bytes.size() - text.size() &&
         std::memcmp(bytes.data() + at, text.data(), text.size()) == 0;
}

std::string ExtentText(std::int64_t width, std::int64_t height) {
  return std::to_string(width) + "x" + std::to_string(height);
}

}  // namespace header

namespace {

using namespace header;  // NOLINT: what this file is about

ImageHeader ReadPng(Bytes bytes) {
  if (Big(bytes, 8, 4) != 13 || !StartsWith(bytes, "IHDR", 12)) {
    throw Broken{"is damaged: a PNG that does not say first how large it is"};
  }
  const ImageHeader header{"PNG", Big(bytes, 16, 4), Big(bytes, 20, 4)};
  for (std::size_t at = 8;;) {
    const std::int64_t length = Big(bytes, at, 4);
    const bool is_end = StartsWith(bytes, "IEND", at + 4);
    if (at > 8 && StartsWith(bytes, "IHDR", at + 4)) {
      throw Broken{"is damaged: a PNG that says twice how large it is"};
    }
    at += 12 + static_cast<std::size_t>(length);
    if (at > bytes.size()) FailIncomplete();
    if (is_end) return header;
  }
}

// Formats that state their own length.
void CheckLength(Bytes bytes, std::int64_t stated) {
  if (stated < 0 || static_cast<std::uint64_t>(stated) > bytes.size()) FailIncomplete();
}

ImageHeader ReadBmp(Bytes bytes) {
  CheckLength(bytes, Little(bytes, 2, 4));
  const bool old = Little(bytes, 14, 4) == 12;  // OS/2
  const std::size_t size = old ? 2 : 4;
  std::int64_t height = Little(bytes, 18 + size, size);
  if (!old) height = std::abs(static_cast<std::int64_t>(static_cast<std::int32_t>(height)));
  return {"BMP", Little(bytes, 18, size), height};
}

ImageHeader ReadWebp(Bytes bytes) {
  CheckLength(bytes, 8 + Little(bytes, 4, 4));
  ImageHeader header{"WebP"};
  header.bytes_per_pixel = 3 + 4;       // it may be lossless, or have a fourth channel
  if (StartsWith(bytes, "VP8X", 12)) {  // libwebp refuses a picture of another size in it
    header.width = Little(bytes, 24, 3) + 1;
    header.height = Little(bytes, 27, 3) + 1;
  } else if (StartsWith(bytes, "VP8L", 12)) {
    const std::int64_t bits = Little(bytes, 21, 4);
    header.width = (bits & 0x3FFF) + 1;
    header.height = (bits >> 14 & 0x3FFF) + 1;
  } else if (StartsWith(bytes, "VP8 ", 12)) {
    header.width = Little(bytes, 26, 2) & 0x3FFF;
    header.height = Little(bytes, 28, 2) & 0x3FFF;
  } else {
    throw Broken{"is damaged: a WebP that does not begin with a picture"};
  }
  return header;
}

// The numbers of a PNM header, as OpenCV reads them: comments end at either kind of line end.
class PnmNumbers {
 public:
  explicit PnmNumbers(Bytes bytes) : bytes_(bytes) {}

  std::int64_t Next() {
    while (std::isspace(Peek()) != 0 || Peek() == '#') {
      if (Peek() == '#') {
        while (Peek() != '\n' && Peek() != '\r') ++at_;
      }
      ++at_;
    }
    std::int64_t value = 0;
    for (; std::isdigit(Peek()) != 0 && value < (std::int64_t{1} << 40); ++at_) {
      value = value * 10 + (Peek() - '0');
    }
    return value;
  }
  std::size_t at() const { return at_; }

 private:
  int Peek() const { return static_cast<int>(Big(bytes_, at_, 1)); }

  Bytes bytes_;
  std::size_t at_ = 2;
};

ImageHeader ReadPnm(Bytes bytes) {
  PnmNumbers numbers(bytes);
  ImageHeader header{"PNM"};
  header.width = numbers.Next();
  header.height = numbers.Next();
  constexpr std::int64_t kPlausible = 1 << 24;  // beyond, the caller's limit speaks
  const bool is_binary = StartsWith(bytes, "P5") || StartsWith(bytes, "P6");
  if (is_binary && header.width < kPlausible && header.height < kPlausible) {
    const std::int64_t samples = header.width * header.height * (StartsWith(bytes, "P6") ? 3 : 1);
    const std::int64_t sample_size = numbers.Next() > 255 ? 2 : 1;
    if (header.width * header.height <= kMaxImagePixels) {
      CheckLength(bytes, static_cast<std::int64_t>(numbers.at()) + 1 + samples * sample_size);
    }
  }
  return header;
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
  if (base::IsGitLfsPointer({reinterpret_cast<const char*>(bytes.data()), bytes.size()}))
    return " (a git-lfs pointer)";
  if (StartsWith(bytes, "PK\x03\x04")) return " (a zip archive)";
  if (StartsWith(bytes, "ftyp", 4)) return " (a video, HEIC or AVIF)";
  return "";
}

const Format& FormatOf(Bytes start) {
  if (start.empty()) throw Broken{"is empty"};
  for (const Format& format : kFormats) {
    const bool fits = StartsWith(start, format.magic) &&
                      (format.read != ReadWebp || StartsWith(start, "WEBP", 8));
    if (fits) return format;
  }
  throw Broken{"is no image of a known format" + LooksLike(start) +
               "; JPEG, PNG, WebP, BMP, TIFF, PNM and JPEG 2000 are read"};
}

}  // namespace

void RequireImageFormat(Bytes start, std::string_view name) {
  try {
    FormatOf(start);
  } catch (const Broken& broken) {
    throw ImageError(base::Quote(name) + ": " + broken.what());
  }
}

ImageHeader ReadImageHeader(Bytes bytes, std::string_view name) {
  try {
    return FormatOf(bytes).read(bytes);
  } catch (const Broken& broken) {
    throw ImageError(base::Quote(name) + ": " + broken.what());
  }
}

}  // namespace yoloport::image
