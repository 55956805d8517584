#include "image/mat.h"

#include <string>

#include "yoloport/error.h"

namespace yoloport::image {

void CheckView(const ImageView& image) {
  if (image.data == nullptr || image.width <= 0 || image.height <= 0) {
    throw ImageError("the image has no pixels (" + std::to_string(image.width) + "x" +
                     std::to_string(image.height) + ")");
  }
  if (image.channels != 1 && image.channels != 3) {
    throw ImageError("the image has " + std::to_string(image.channels) +
                     " channels; 3 (BGR) or 1 (grey) are understood");
  }
  const std::size_t row = static_cast<std::size_t>(image.width) * image.channels;
  if (image.stride != 0 && image.stride < row) {
    throw ImageError("the image has rows of " + std::to_string(row) + " bytes but a stride of " +
                     std::to_string(image.stride));
  }
}

cv::Mat MatView(const ImageView& image) {
  // OpenCV has no matrix of const; whoever gets this one only reads.
  auto* data = const_cast<std::uint8_t*>(image.data);
  return {image.height, image.width, CV_8UC(image.channels), data,
          image.stride != 0 ? image.stride : static_cast<std::size_t>(cv::Mat::AUTO_STEP)};
}

Image FromMat(cv::Mat mat) {
  auto owner = std::make_shared<cv::Mat>(std::move(mat));
  const int width = owner->cols;
  const int height = owner->rows;
  const std::size_t stride = owner->step;
  std::uint8_t* data = owner->data;
  return {std::shared_ptr<std::uint8_t>(std::move(owner), data), width, height, stride};
}

}  // namespace yoloport::image
