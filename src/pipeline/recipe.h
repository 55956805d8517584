// The config's test pipeline as a recipe for preparing images.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "yoloport/types.h"

namespace yoloport {

struct RecipeReport {
  ImageRecipe recipe;
  std::vector<std::string> notes;  // what of the pipeline does not apply to a file of fixed size
};

// Reads `test_dataloader.dataset.pipeline` (or `test_pipeline`) of the config at `root` and
// `data_preprocessor` of its detector `model`; the scales of the pipeline give way to `height` x
// `width`, the size that is exported. Throws ConfigError at a transform that changes the image and
// is not known.
RecipeReport ReadRecipe(const ConfigNode& root, const ConfigNode& model, int height, int width);

}  // namespace yoloport
