// Checkpoints of YOLOX's repository: a state_dict and no config.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "sources/model_source.h"
#include "yoloport/export.h"

namespace yoloport::sources::yolox {

// Whether `checkpoint` is one of these.
bool IsYolox(const checkpoint::Checkpoint& checkpoint);

// "YOLOX-s", for people: by its width, depth and blocks.
std::string NameOf(const checkpoint::Checkpoint& checkpoint);

// Throws CheckpointError where the network cannot be told from the keys, or is not supported.
std::unique_ptr<ModelSource> OpenYolox(const ExportOptions& options,
                                       const checkpoint::Checkpoint& checkpoint,
                                       std::vector<std::string>& notes);

}  // namespace yoloport::sources::yolox
