// How a config prepares images.
#pragma once

#include <string>

#include "config/config.h"
#include "sources/model_source.h"

namespace yoloport::sources::mmengine {

// Reads `test_dataloader.dataset.pipeline` (or `test_pipeline`) of the config at `root` and
// `data_preprocessor` of `model`. The scales of the pipeline give way to the input's size where
// they do not fit it. Notes compare with the inference of `framework`. Throws ConfigError at a
// transform, an argument or a preprocessor that is not known: docs/config_keys.md.
PreprocessReport ReadPreprocess(const std::string& framework, const config::ConfigNode& root,
                                const config::ConfigNode& model, const ExportedInput& input);

}  // namespace yoloport::sources::mmengine
