// Detectors of YOLOv7's repository: checkpoints that hold the whole network, so that no config is
// needed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/module_tree.h"
#include "sources/model_source.h"

namespace yoloport::sources::yolov7 {

// Whether a network is of this repository, which has the names of modules of YOLOv5's.
bool IsYolov7(const checkpoint::ModuleTree& modules);

// "YOLOv7-w6", for people: by the yaml that it was built from, where it says so.
std::string NameOf(const checkpoint::ModuleTree& modules);

// Throws CheckpointError at a network that is not a detector.
std::unique_ptr<ModelSource> OpenYolov7(const checkpoint::Checkpoint& checkpoint,
                                        std::vector<std::string>& notes);

}  // namespace yoloport::sources::yolov7
