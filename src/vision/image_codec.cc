#include <algorithm>
#include <array>
#include <cctype>
#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "base/atomic_file.h"
#include "base/text.h"
#include "vision/image_header.h"
#include "vision/mat.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

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

}  // namespace

Image DecodeImage(std::span<const std::byte> bytes, std::string_view name) {
  const ImageHeader header = CheckedImageHeader(bytes, name);
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
  return DecodeImage(ReadEncodedImage(path).bytes, path.native());
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
