// Between the public image types and OpenCV's.
#pragma once

#include <opencv2/core/mat.hpp>

#include "yoloport/image.h"
#include "yoloport/types.h"

namespace yoloport::image {

// Throws ImageError when the view has no pixels, neither one nor three channels, or a stride that
// makes rows overlap.
void CheckView(const ImageView& image);

// The same pixels as a matrix that does not own them and must not be written to.
cv::Mat MatView(const ImageView& image);

// Takes over a matrix of 8-bit blue, green, red.
Image FromMat(cv::Mat mat);

}  // namespace yoloport::image
