// How a config prepares images, as a recipe.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "yoloport/types.h"

namespace yoloport {

// The input that is exported.
struct ExportedInput {
  int height = 640;  // pixels
  int width = 640;
  bool is_dynamic = false;  // it takes other heights and widths, too
  int stride = 32;          // what these must be multiples of
};

struct RecipeReport {
  ImageRecipe recipe;
  std::vector<std::string> notes;  // what does not apply to the file, or not exactly
};

// Reads `test_dataloader.dataset.pipeline` (or `test_pipeline`) of the config at `root` and
// `data_preprocessor` of its detector `model`. The scales of the pipeline give way to the input's
// size where they do not fit it. Throws ConfigError at a transform, an argument or a preprocessor
// that is not known: docs/config_keys.md.
RecipeReport ReadRecipe(const ConfigNode& root, const ConfigNode& model,
                        const ExportedInput& input);

}  // namespace yoloport
