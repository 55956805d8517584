// From an image to a network's input.
#pragma once

#include <span>

#include "vision/letterbox.h"
#include "yoloport/types.h"

namespace yoloport {

// Writes the image, prepared as `recipe` says, to `planes`: 3 x recipe.height x recipe.width
// floats, row-major. Equal bit for bit to what MMYOLO's test pipeline and data preprocessor give.
// Throws ImageError when the view has no pixels or neither one nor three channels.
// Thread-safe. Costs one resized 8-bit copy of the image and one pass over `planes`.
Letterbox PrepareImage(const ImageView& image, const ImageRecipe& recipe, std::span<float> planes);

}  // namespace yoloport
