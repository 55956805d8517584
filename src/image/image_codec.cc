#include <algorithm>
#include <array>

#include "base/atomic_file.h"
#include "base/shared_library.h"
#include "base/text.h"
#include "image/image_header.h"
#include "image/images_library.h"
#include "image/jpeg.h"
#include "image/mat.h"
#include "image/png_chunks.h"
#include "yoloport/error.h"
#include "yoloport/image.h"

namespace yoloport {
namespace {

using base::Quote;
using image::ImageHeader;

constexpr const char* kWhat = "the module for image formats";
constexpr int kQuality = 92;  // of JPEG and WebP, 100 being the best

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

const Extension* FindExtension(const std::filesystem::path& path) {
  const std::string extension = base::LowerExtension(path);
  const auto found = std::find_if(kExtensions.begin(), kExtensions.end(),
                                  [&](const Extension& each) { return each.name == extension; });
  return found == kExtensions.end() ? nullptr : &*found;
}

// Limits were kept for the size that the header claims: no decoder may see another one. EXIF may
// turn the picture.
void CheckSame(const ImageHeader& header, int width, int height, std::string_view name) {
  const bool is_same = width == header.width && height == header.height;
  const bool is_turned = width == header.height && height == header.width;
  if (is_same || is_turned) return;
  throw ImageError(Quote(name) + ": is damaged: it claims to be " + std::to_string(header.width) +
                   "x" + std::to_string(header.height) + ", and its decoder finds " +
                   std::to_string(width) + "x" + std::to_string(height));
}

}  // namespace

Image DecodeImage(std::span<const std::byte> bytes, std::string_view name,
                  Orientation orientation) {
  const ImageHeader header = image::CheckedImageHeader(bytes, name);
  const std::string failure = Quote(name) + ": is a damaged " + std::string(header.format) +
                              " or one that cannot be decoded";
  if (header.format == "JPEG") {
    image::DecodedJpeg jpeg =
        image::DecodeJpeg(bytes, orientation, [&](int width, int height, bool is_left) {
          CheckSame(header, width, height, name);
          ImageHeader twice = header;
          twice.passes *= 2;
          if (is_left) image::CheckWork(twice, bytes.size(), name);
        });
    if (jpeg.is_incomplete) {
      throw ImageError(Quote(name) + ": is incomplete: it ends in the middle of the picture");
    }
    if (jpeg.image) return std::move(*jpeg.image);
    if (jpeg.is_damaged) throw ImageError(failure);
  }
  static const auto decode = base::LoadFunction<decltype(image::YoloportDecodeImage)>(
      kWhat, image::kImagesLibrary, "YoloportDecodeImage");
  std::vector<std::byte> pixels_only;
  if (header.format == "PNG") {
    pixels_only = image::WithoutTexts(bytes);
    if (!pixels_only.empty()) bytes = pixels_only;
  }
  Image image;
  decode(bytes, orientation, failure, image);
  if (image.data() == nullptr) throw ImageError(failure);
  CheckSame(header, image.width(), image.height(), name);
  return image;
}

Image ReadImage(const std::filesystem::path& path, Orientation orientation) {
  return DecodeImage(ReadEncodedImage(path).bytes, path.native(), orientation);
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
  image::CheckView(image.view());
  const std::string extension = base::LowerExtension(path);
  std::vector<std::byte> encoded;
  const bool is_jpeg = extension == ".jpg" || extension == ".jpeg";
  if (is_jpeg && image::EncodeJpeg(image.view(), kQuality, encoded)) return encoded;
  static const auto encode = base::LoadFunction<decltype(image::YoloportEncodeImage)>(
      kWhat, image::kImagesLibrary, "YoloportEncodeImage");
  const std::string failure = Quote(path.native()) + ": cannot be encoded";
  encode(image, extension, kQuality, failure, encoded);
  if (encoded.empty()) throw ImageError(failure);
  return encoded;
}

void WriteImage(const Image& image, const std::filesystem::path& path) {
  const std::vector<std::byte> encoded = EncodeImage(image, path);
  base::AtomicFile file(path);
  file.Write(encoded);
  file.Commit();
}

}  // namespace yoloport
