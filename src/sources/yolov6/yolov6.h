// Detectors of YOLOv6's repository from release 2.0 on: checkpoints that hold the whole network, so
// that no config is needed.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "checkpoint/module_tree.h"
#include "sources/model_source.h"

namespace yoloport::sources::yolov6 {

// Whether a network is of this repository.
bool IsYolov6(const checkpoint::ModuleTree& modules);

// "YOLOv6-s6", for people: by the width of its stem and its levels.
std::string NameOf(const checkpoint::ModuleTree& modules);

// Throws CheckpointError at a network that is not a detector, or none that is supported.
std::unique_ptr<ModelSource> OpenYolov6(const checkpoint::Checkpoint& checkpoint,
                                        std::vector<std::string>& notes);

}  // namespace yoloport::sources::yolov6
