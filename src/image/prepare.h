// From an image to a network's input.
#pragma once

#include <cstdint>
#include <span>

#include "image/letterbox.h"
#include "yoloport/types.h"

namespace yoloport::image {

// Where the image comes to lie. Throws ImageError when the view has no pixels or neither one nor
// three channels.
Letterbox PlanImage(const ImageView& image, const Preprocess& preprocess);

// Writes the image, prepared as `preprocess` says and where `letterbox` says, to `planes`: 3
// (or 1: preprocess.channels) x height x width of letterbox.input, floats, row-major. Equal bit for
// bit to what MMYOLO's test pipeline and data preprocessor give. Thread-safe. Costs one resized
// 8-bit copy of the image and one pass over `planes`.
void PrepareImage(const ImageView& image, const Preprocess& preprocess, const Letterbox& letterbox,
                  std::span<float> planes);

// The same for a network that takes the 8-bit pixels themselves (preprocessing.type is kUint8): the
// image resized and padded, its channels in the preprocessing's order and layout, into 3 x height x
// width or height x width x 3 bytes.
void PrepareImage(const ImageView& image, const Preprocess& preprocess, const Letterbox& letterbox,
                  std::span<std::uint8_t> out);

// Both in one, in an input of the preprocessing's size.
Letterbox PrepareImage(const ImageView& image, const Preprocess& preprocess,
                       std::span<float> planes);
Letterbox PrepareImage(const ImageView& image, const Preprocess& preprocess,
                       std::span<std::uint8_t> out);

}  // namespace yoloport::image
