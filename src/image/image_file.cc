#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/text.h"
#include "image/image_header.h"
#include "image/limits.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

using base::Quote;
using base::SizeText;
using image::kMaxImageSide;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

// The contents of a file, copied: a mapping would end the process if the file shrank meanwhile.
class FileContents {
 public:
  explicit FileContents(const std::filesystem::path& path)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_.number() < 0) Fail(std::strerror(errno));
    struct stat info = {};
    if (::fstat(fd_.number(), &info) != 0) Fail(std::strerror(errno));
    if (S_ISDIR(info.st_mode)) Fail("it is a directory");
    if (!S_ISREG(info.st_mode)) Fail("it is not a regular file");
    if (static_cast<std::uint64_t>(info.st_size) > image::kMaxImageFileBytes) {
      Fail("it is larger than " + SizeText(image::kMaxImageFileBytes));
    }
    const auto size = static_cast<std::size_t>(info.st_size);
    Read(std::min(size, image::kImageFormatBytes));
    image::RequireImageFormat(bytes_, path_.native());  // before all the rest is read for nothing
    Read(size);
  }

  std::vector<std::byte> Take() { return std::move(bytes_); }

 private:
  // Up to the byte `size`, from where it stands.
  void Read(std::size_t size) {
    std::size_t at = bytes_.size();
    bytes_.resize(size);
    while (at < bytes_.size()) {
      const ssize_t count = ::read(fd_.number(), bytes_.data() + at, bytes_.size() - at);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) Fail(std::strerror(errno));
      if (count == 0) break;  // it shrank
      at += static_cast<std::size_t>(count);
    }
    bytes_.resize(at);
  }

  [[noreturn]] void Fail(const std::string& why) const {
    throw FileError(Quote(path_.native()) + ": cannot be read: " + why);
  }

  const std::filesystem::path& path_;
  Descriptor fd_;
  std::vector<std::byte> bytes_;
};

void CheckExtent(const image::ImageHeader& header, std::string_view name) {
  const std::string extent = std::to_string(header.width) + "x" + std::to_string(header.height);
  if (header.width <= 0 || header.height <= 0) {
    throw ImageError(Quote(name) + ": has no pixels (" + extent + ")");
  }
  if (header.width > kMaxImageSide || header.height > kMaxImageSide) {
    throw ImageError(Quote(name) + ": claims " + extent + " pixels; at most " +
                     std::to_string(kMaxImageSide) + " a side are read");
  }
  if (header.width > kMaxImagePixels / header.height) {
    throw ImageError(Quote(name) + ": claims " + extent + " pixels; at most " +
                     std::to_string(kMaxImagePixels) + " are read");
  }
}

// Each is bounded by itself, and small files by what they are worth.
void CheckCost(const image::ImageHeader& header, std::size_t size, std::string_view name) {
  const auto file = static_cast<std::int64_t>(size);
  const std::int64_t pixels = header.width * header.height;
  const std::string extent = std::to_string(header.width) + "x" + std::to_string(header.height);
  const std::int64_t most_pixels =
      std::max(image::kFreeImagePixels, image::kMaxPixelsPerByte * file);
  if (pixels > most_pixels) {
    throw ImageError(Quote(name) + ": claims " + extent + " pixels in " + SizeText(size) +
                         "; of a file that small at most " + std::to_string(most_pixels) +
                         " are read",
                     "scale it down, or save it with less compression");
  }
  image::CheckWork(header, size, name);
  const std::int64_t bytes = pixels * header.bytes_per_pixel + header.more_bytes;
  const std::int64_t most_bytes = std::clamp(image::kMaxDecoderBytesPerByte * file,
                                             image::kFreeDecoderBytes, image::kMaxDecoderBytes);
  if (bytes > most_bytes) {
    throw ImageError(Quote(name) + ": is refused: decoding this " + std::string(header.format) +
                         " takes up to " + SizeText(static_cast<std::uint64_t>(bytes)) +
                         " of memory; a file of its size gets " +
                         SizeText(static_cast<std::uint64_t>(most_bytes)),
                     "scale it down, or save it as an ordinary JPEG or PNG");
  }
}

}  // namespace

EncodedImage ReadEncodedImage(const std::filesystem::path& path) {
  EncodedImage encoded;
  encoded.bytes = FileContents(path).Take();
  encoded.format = image::CheckedImageHeader(encoded.bytes, path.native()).format;
  return encoded;
}

}  // namespace yoloport

namespace yoloport::image {

void CheckWork(const ImageHeader& header, std::size_t size, std::string_view name) {
  const std::int64_t pixels = header.width * header.height;
  const auto file = static_cast<std::int64_t>(size);
  const std::int64_t more =
      kDecodedPixelsPerByte * std::max<std::int64_t>(0, file - kSmallImageBytes);
  const std::int64_t most = std::min(kFreeDecodedPixels + more, kMaxDecodedPixels) / pixels;
  if (header.passes <= most) return;
  throw ImageError(Quote(name) + ": is refused: decoding this " + std::string(header.format) +
                       " takes up to the work of " + std::to_string(header.passes) +
                       " passes over " + std::to_string(header.width) + "x" +
                       std::to_string(header.height) + " pixels; a file of its size gets " +
                       std::to_string(most),
                   "scale it down, or save it as an ordinary JPEG or PNG");
}

ImageHeader CheckedImageHeader(std::span<const std::byte> bytes, std::string_view name) {
  if (bytes.size() > kMaxImageFileBytes) {
    throw ImageError(Quote(name) + ": is larger than " + SizeText(kMaxImageFileBytes));
  }
  const ImageHeader header = ReadImageHeader(bytes, name);
  CheckExtent(header, name);
  CheckCost(header, bytes.size(), name);
  return header;
}

}  // namespace yoloport::image
