// Where an image comes to lie in a network's input, exactly as MMYOLO's test pipelines decide it,
// and the way back for boxes. Arithmetic only; prepare.h moves the pixels.
#pragma once

#include <span>
#include <vector>

#include "yoloport/types.h"

namespace yoloport::image {

struct Extent {
  int width = 0;  // pixels
  int height = 0;
  bool operator==(const Extent&) const = default;
};

struct ResizeStep {
  Extent size;  // of what the step gives
  Interpolation interpolation = Interpolation::kBilinear;
};

struct Letterbox {
  Extent image;                   // the original
  Extent input;                   // of the network
  std::vector<ResizeStep> steps;  // none, one or two resizings after one another
  Extent content;                 // the image after them
  int left = 0;                   // where the content lies in the input
  int top = 0;
  double offset_x = 0;  // what boxes are moved back by: left and top, or half of all padding
  double offset_y = 0;
  double scale_x = 1;  // content / image
  double scale_y = 1;
};

// The content always lies inside the input, which is of the preprocessing's size. Extents of
// `image` must be positive.
Letterbox PlanLetterbox(Extent image, const Preprocess& preprocess);

// Lets the images share the smallest input that all their contents fit into, padded as the
// preprocessing's `pad_to` asks, its sides multiples of `stride`: the same pixels with less padding
// around them. Not for images that are stretched.
void TightenInput(std::span<Letterbox> letterboxes, int stride, const Preprocess& preprocess);

// Moves boxes from the network's input to the original image and into it, with MMYOLO's arithmetic
// (32-bit floats).
void MapBoxesBack(const Letterbox& letterbox, std::span<Detection> detections);

}  // namespace yoloport::image
