// Detectors of MMYOLO and of what is trained with it: a config, and a checkpoint of MMEngine.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "sources/model_source.h"
#include "yoloport/export.h"

namespace yoloport::sources::mmyolo {

// Reads the config of `options`, or where it gives none the one in `checkpoint`. What the user
// should know at once is added to `notes`. Throws FileError, ConfigError, UsageError (overrides),
// and CheckpointError where there is no config.
std::unique_ptr<ModelSource> OpenMmyolo(const ExportOptions& options,
                                        const checkpoint::Checkpoint& checkpoint,
                                        std::vector<std::string>& notes);

}  // namespace yoloport::sources::mmyolo
