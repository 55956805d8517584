#include <opencv2/core.hpp>
#include <opencv2/imgcodecs.hpp>

#include "image/images_library.h"
#include "image/mat.h"
#include "yoloport/error.h"

namespace yoloport::image {

void YoloportDecodeImage(std::span<const std::byte> bytes, Orientation orientation,
                         const std::string& failure, Image& image) {
  const int turns = orientation == Orientation::kAsStored ? cv::IMREAD_IGNORE_ORIENTATION : 0;
  try {
    // OpenCV has no matrix of const bytes; it only reads them.
    const cv::Mat encoded(1, static_cast<int>(bytes.size()), CV_8U,
                          const_cast<std::byte*>(bytes.data()));
    cv::Mat mat = cv::imdecode(encoded, cv::IMREAD_COLOR | turns);
    image = mat.empty() ? Image() : FromMat(std::move(mat));
  } catch (const cv::Exception& error) {
    throw ImageError(failure + ": " + error.err);
  }
}

void YoloportEncodeImage(const Image& image, const std::string& extension, int quality,
                         const std::string& failure, std::vector<std::byte>& encoded) {
  std::vector<std::uint8_t> bytes;
  try {
    cv::imencode(extension, MatView(image.view()), bytes,
                 {cv::IMWRITE_JPEG_QUALITY, quality, cv::IMWRITE_WEBP_QUALITY, quality});
  } catch (const cv::Exception& error) {
    throw ImageError(failure + ": " + error.err);
  }
  const auto written = std::as_bytes(std::span(bytes));
  encoded.assign(written.begin(), written.end());
}

}  // namespace yoloport::image
