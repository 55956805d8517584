// Detectors of Ultralytics' package and of YOLOv5's repository: checkpoints that hold the whole
// network, so that no config is needed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/module_tree.h"
#include "sources/model_source.h"

namespace yoloport::sources::ultralytics {

// Whether a network is of Ultralytics' package, whatever its task; of YOLOv5's repository.
bool IsUltralytics(const checkpoint::ModuleTree& modules);
bool IsYolov5(const checkpoint::ModuleTree& modules);

// "YOLOv8n", for people: by its layers, and the size that it states.
std::string NameOf(const checkpoint::ModuleTree& modules);

// Opens a checkpoint of one of the two. Throws CheckpointError at a network that is no detector, or
// none that is supported.
std::unique_ptr<ModelSource> OpenUltralytics(const checkpoint::Checkpoint& checkpoint,
                                             std::vector<std::string>& notes);
std::unique_ptr<ModelSource> OpenYolov5(const checkpoint::Checkpoint& checkpoint,
                                        std::vector<std::string>& notes);

}  // namespace yoloport::sources::ultralytics
