#include "yoloport/image.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "base/atomic_file.h"
#include "base/text.h"
#include "vision/image_header.h"
#include "vision/limits.h"
#include "vision/mat.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

constexpr int kJpegQuality = 92;

struct Extension {
  std::string_view name;
  bool writable;
};
constexpr std::array<Extension, 14> kExtensions = {{
    {".jpg", true},
    {".jpeg", true},
    {".png", true},
    {".webp", true},
    {".bmp", true},
    {".tif", true},
    {".tiff", true},
    {".jpe", false},
    {".pnm", false},
    {".pbm", false},
    {".pgm", false},
    {".ppm", false},
    {".jp2", false},
    {".j2k", false},
}};

std::string LowerExtension(const std::filesystem::path& path) {
  std::string extension = path.extension().native();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

const Extension* FindExtension(const std::filesystem::path& path) {
  const std::string extension = LowerExtension(path);
  const auto found = std::find_if(kExtensions.begin(), kExtensions.end(),
                                  [&](const Extension& each) { return each.name == extension; });
  return found == kExtensions.end() ? nullptr : &*found;
}

// The contents of a file, copied: a mapping would end the process if the file shrank meanwhile.
class FileContents {
 public:
  explicit FileContents(const std::filesystem::path& path)
      : path_(path), fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {
    if (fd_ < 0) Fail(std::strerror(errno));
    struct stat info = {};
    if (::fstat(fd_, &info) != 0) Fail(std::strerror(errno));
    if (S_ISDIR(info.st_mode)) Fail("it is a directory");
    if (!S_ISREG(info.st_mode)) Fail("it is not a regular file");
    if (static_cast<std::uint64_t>(info.st_size) > kMaxImageFileBytes) {
      Fail("it is larger than " + SizeText(kMaxImageFileBytes));
    }
    bytes_.resize(static_cast<std::size_t>(info.st_size));
    Read();
  }
  ~FileContents() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileContents(const FileContents&) = delete;
  FileContents& operator=(const FileContents&) = delete;

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  void Read() {
    std::size_t at = 0;
    while (at < bytes_.size()) {
      const ssize_t count = ::read(fd_, bytes_.data() + at, bytes_.size() - at);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) Fail(std::strerror(errno));
      if (count == 0) break;  // it shrank
      at += static_cast<std::size_t>(count);
    }
    bytes_.resize(at);
  }

  [[noreturn]] void Fail(const std::string& why) {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
    throw FileError(Quote(path_.native()) + ": cannot be read: " + why);
  }

  const std::filesystem::path& path_;
  int fd_;
  std::vector<std::byte> bytes_;
};

void CheckExtent(const ImageHeader& header, std::string_view name) {
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

}  // namespace

Image::Image(int width, int height) {
  if (width <= 0 || height <= 0 || width > kMaxImagePixels / height) {
    throw ImageError("an image of " + std::to_string(width) + "x" + std::to_string(height) +
                     " pixels cannot be made");
  }
  *this = FromMat(cv::Mat::zeros(height, width, CV_8UC3));
}

Image Image::Clone() const {
  if (pixels_ == nullptr) return {};
  return FromMat(MatView(view()).clone());
}

Image DecodeImage(std::span<const std::byte> bytes, std::string_view name) {
  if (bytes.size() > kMaxImageFileBytes) {
    throw ImageError(Quote(name) + ": is larger than " + SizeText(kMaxImageFileBytes));
  }
  const ImageHeader header = ReadImageHeader(bytes, name);
  CheckExtent(header, name);
  const std::string failure = Quote(name) + ": is a damaged " + std::string(header.format) +
                              " or one that cannot be decoded";
  cv::Mat mat;
  try {
    // OpenCV has no matrix of const bytes; it only reads them.
    const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8U,
                          const_cast<std::byte*>(bytes.data()));
    mat = cv::imdecode(encoded, cv::IMREAD_COLOR);
  } catch (const cv::Exception& error) {
    throw ImageError(failure + ": " + error.err);
  }
  if (mat.empty()) throw ImageError(failure);
  return FromMat(std::move(mat));
}

Image ReadImage(const std::filesystem::path& path) {
  return DecodeImage(FileContents(path).bytes(), path.native());
}

bool HasImageExtension(const std::filesystem::path& path) { return FindExtension(path) != nullptr; }

bool CanWriteImage(const std::filesystem::path& path) {
  const Extension* extension = FindExtension(path);
  return extension != nullptr && extension->writable;
}

std::vector<std::byte> EncodeImage(const Image& image, const std::filesystem::path& path) {
  if (!CanWriteImage(path)) {
    throw ImageError(Quote(path.native()) + ": pictures cannot be written as " +
                         Quote(path.extension().native()),
                     "use .jpg, .png, .webp, .bmp or .tif");
  }
  CheckView(image.view());
  std::vector<std::uint8_t> encoded;
  try {
    const std::vector<int> parameters = {cv::IMWRITE_JPEG_QUALITY, kJpegQuality,
                                         cv::IMWRITE_WEBP_QUALITY, kJpegQuality};
    cv::imencode(LowerExtension(path), MatView(image.view()), encoded, parameters);
  } catch (const cv::Exception& error) {
    throw ImageError(Quote(path.native()) + ": cannot be encoded: " + error.err);
  }
  if (encoded.empty()) throw ImageError(Quote(path.native()) + ": cannot be encoded");
  const auto bytes = std::as_bytes(std::span(encoded));
  return {bytes.begin(), bytes.end()};
}

void WriteImage(const Image& image, const std::filesystem::path& path) {
  const std::vector<std::byte> encoded = EncodeImage(image, path);
  AtomicFile file(path);
  file.Write(encoded);
  file.Commit();
}

}  // namespace yoloport
