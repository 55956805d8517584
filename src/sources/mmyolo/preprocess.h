// How a config prepares images.
#pragma once

#include <optional>

#include "config/config.h"
#include "sources/model_source.h"

namespace yoloport::sources::mmyolo {

// The input that the test pipeline of the config at `root` fills: what it pads or stretches to,
// else what it resizes to; rounded up to what `data_preprocessor` of its detector `model` pads to
// and to multiples of `stride`. Of a scale that turns with the image an input of fixed size holds
// both orientations. Nothing where the pipeline does not resize. Throws as ReadPreprocess() does.
std::optional<InputSize> TestSize(const config::ConfigNode& root, const config::ConfigNode& model,
                                  int stride, bool is_dynamic);

// Reads `test_dataloader.dataset.pipeline` (or `test_pipeline`) of the config at `root` and
// `data_preprocessor` of its detector `model`. The scales of the pipeline give way to the input's
// size where they do not fit it. Throws ConfigError at a transform, an argument or a preprocessor
// that is not known: docs/config_keys.md.
PreprocessReport ReadPreprocess(const config::ConfigNode& root, const config::ConfigNode& model,
                                const ExportedInput& input);

}  // namespace yoloport::sources::mmyolo
