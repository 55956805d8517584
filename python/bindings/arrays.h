// Images and detections as arrays.
#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>

#include <vector>

#include "yoloport/image.h"
#include "yoloport/types.h"

namespace yoloport::python {

using AnyArray = nanobind::ndarray<nanobind::ro, nanobind::device::cpu>;
using Pixels = nanobind::ndarray<nanobind::numpy, std::uint8_t, nanobind::ndim<3>>;
using Boxes = nanobind::ndarray<nanobind::numpy, float, nanobind::shape<-1, 4>>;
using Scores = nanobind::ndarray<nanobind::numpy, float, nanobind::ndim<1>>;
using Labels = nanobind::ndarray<nanobind::numpy, std::int64_t, nanobind::ndim<1>>;

// An image as the library takes it: the array's own memory where its rows are dense, else a copy.
class ArrayImage {
 public:
  // Throws ImageError unless the array is uint8 and height x width, or height x width x 1 or 3.
  explicit ArrayImage(AnyArray array);

  const ImageView& view() const { return view_; }

 private:
  void Copy();

  AnyArray array_;  // keeps the memory alive
  ImageView view_;
  std::vector<std::uint8_t> copy_;
};

// Boxes, scores and labels in arrays of their own.
struct DetectionArrays {
  explicit DetectionArrays(const std::vector<Detection>& detections);

  Boxes boxes;
  Scores scores;
  Labels labels;
};

// The other way. Throws UsageError when the arrays are not of one length.
std::vector<Detection> ToDetections(
    const nanobind::ndarray<const float, nanobind::shape<-1, 4>, nanobind::c_contig,
                            nanobind::device::cpu>& boxes,
    const nanobind::ndarray<const float, nanobind::ndim<1>, nanobind::c_contig,
                            nanobind::device::cpu>& scores,
    const nanobind::ndarray<const std::int64_t, nanobind::ndim<1>, nanobind::c_contig,
                            nanobind::device::cpu>& labels);

// A copy with three channels that may be drawn on.
Image CopyToImage(const ImageView& view);

// The array as an image of three channels: its own memory where that is possible. Throws what
// ArrayImage does. The image may be dropped without the GIL.
Image ShareArray(AnyArray array);

// An array that takes over the image's pixels.
Pixels ToArray(Image image);

}  // namespace yoloport::python
