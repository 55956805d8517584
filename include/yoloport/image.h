// Pictures: reading, writing, and drawing what was found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "yoloport/types.h"

namespace yoloport {

// The most pixels that an image may claim to have: 2^28, 768 MiB decoded. A header of a few bytes
// can claim any size.
inline constexpr std::int64_t kMaxImagePixels = std::int64_t{1} << 28;

// An image that owns its pixels: 8-bit, rows of blue, green, red. Moves, and is copied only by
// Clone().
class Image {
 public:
  Image() = default;             // no pixels
  Image(int width, int height);  // black
  Image(Image&&) noexcept = default;
  Image& operator=(Image&&) noexcept = default;

  // Takes over pixels that live elsewhere; `pixels` keeps them alive.
  Image(std::shared_ptr<std::uint8_t> pixels, int width, int height, std::size_t stride)
      : pixels_(std::move(pixels)), width_(width), height_(height), stride_(stride) {}

  Image Clone() const;

  int width() const { return width_; }
  int height() const { return height_; }
  std::size_t stride() const { return stride_; }  // bytes from one row to the next
  std::uint8_t* data() { return pixels_.get(); }
  const std::uint8_t* data() const { return pixels_.get(); }
  ImageView view() const { return {pixels_.get(), width_, height_, 3, stride_}; }

 private:
  std::shared_ptr<std::uint8_t> pixels_;
  int width_ = 0;
  int height_ = 0;
  std::size_t stride_ = 0;
};

// Decodes JPEG, PNG, WebP, BMP, TIFF, PNM or JPEG 2000 as cv2.imread does by default, which is what
// MMYOLO sees: turned as EXIF says unless `orientation` is kAsStored, grey and palettes and CMYK to
// colour, 16 bits to 8, transparency dropped. Throws ImageError when the bytes are of no such
// format, incomplete, broken, or claim more than kMaxImagePixels; `name` stands for the image in
// messages. Formats other than JPEG are a module of their own: RuntimeError when that cannot be
// loaded.
Image DecodeImage(std::span<const std::byte> bytes, std::string_view name,
                  Orientation orientation = Orientation::kUpright);

// The same for a file; also throws FileError when it cannot be read. A model that was trained on
// images as they are stored says so: give its Detector::preprocess().orientation.
Image ReadImage(const std::filesystem::path& path, Orientation orientation = Orientation::kUpright);

// A file's bytes as they are: for those who decode them by other means than DecodeImage().
struct EncodedImage {
  std::vector<std::byte> bytes;
  std::string_view format;  // "JPEG", "PNG" ...
};

// Reads a file and checks, without decoding it, what can be checked: throws what ReadImage() throws
// but for damage behind the header.
EncodedImage ReadEncodedImage(const std::filesystem::path& path);

// Whether the name ends like one of the formats that are read (".jpg", ".PNG" ...).
bool HasImageExtension(const std::filesystem::path& path);

// Encodes by the name's extension: .jpg, .jpeg, .png, .webp, .bmp, .tif, .tiff. Nothing is written.
// Throws ImageError for another extension, and RuntimeError as DecodeImage() does.
std::vector<std::byte> EncodeImage(const Image& image, const std::filesystem::path& path);

// The same into that file, which appears whole or not at all. Also throws FileError when it cannot
// be written.
void WriteImage(const Image& image, const std::filesystem::path& path);

// Whether WriteImage() knows the name's extension.
bool CanWriteImage(const std::filesystem::path& path);

// What is drawn of a detection beside its box.
struct DrawOptions {
  bool labels = true;  // class and score
  bool scores = true;  // in the labels
  int line_width = 0;  // of boxes, in pixels; 0: by the size of the image
};

// Draws a box and a label for each detection. Lines and letters grow with the image; a class has
// its colour from `palette` or, where that is too short, one generated from its label. The best
// detections are drawn last. Labels stay in the image; where one would hide much of another object
// or label it is smaller, without the score or left out.
void DrawDetections(Image& image, std::span<const Detection> detections,
                    std::span<const std::string> classes, std::span<const Rgb> palette = {},
                    const DrawOptions& options = {});

// What the user should be told before DrawDetections() is given these names; usually nothing: its
// font has letters for ASCII only, and shows question marks for all others.
std::string DrawingWarning(std::span<const std::string> classes);

// classes[label], or "class_N" where there is none.
std::string ClassName(std::span<const std::string> classes, int label);

}  // namespace yoloport
