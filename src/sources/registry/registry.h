// Which source a detector is of: the one table of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "config/config.h"
#include "sources/model_source.h"
#include "yoloport/export.h"

namespace yoloport::sources::registry {

// Opens `checkpoint`, where it holds a whole network of a source; a config is then a UsageError.
// Else the config of `options`, or the one in `checkpoint`, with the source whose detector it
// describes. What the user should know at once is added to `notes`. Throws what
// mmengine::ReadTrained() throws, and ConfigError where the detector is of no source.
std::unique_ptr<ModelSource> OpenSource(const ExportOptions& options,
                                        const checkpoint::Checkpoint& checkpoint,
                                        std::vector<std::string>& notes);

// Whether `checkpoint` tells its network itself, and is of a source that reads it.
bool NeedsNoConfig(const checkpoint::Checkpoint& checkpoint);

// For people: "MMDetection: RTMDet". Empty where it is of no source.
std::string OriginOf(const config::Config& config, const config::ConfigOptions& options = {});

// The same of the config that a checkpoint carries; without one what its keys tell, "MMDetection".
std::string OriginOf(const checkpoint::Checkpoint& checkpoint);

}  // namespace yoloport::sources::registry
