#include "yoloport/image.h"

#include <opencv2/core.hpp>

#include "image/mat.h"
#include "yoloport/error.h"

namespace yoloport {

Image::Image(int width, int height) {
  if (width <= 0 || height <= 0 || width > kMaxImagePixels / height) {
    throw ImageError("an image of " + std::to_string(width) + "x" + std::to_string(height) +
                     " pixels cannot be made");
  }
  *this = image::FromMat(cv::Mat::zeros(height, width, CV_8UC3));
}

Image Image::Clone() const {
  if (pixels_ == nullptr) return {};
  return image::FromMat(image::MatView(view()).clone());
}

}  // namespace yoloport
