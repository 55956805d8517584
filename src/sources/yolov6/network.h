// Backbone, neck and head of YOLOv6's repository.
#pragma once

#include <string>

#include "checkpoint/module_tree.h"
#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "graph/head.h"

namespace yoloport::sources::yolov6 {

// Throws CheckpointError where `model` is not a detector whose parts are known.
void RequireDetector(const checkpoint::Module& model);

// Builds `model` on `image`, taking weights from `w`, all of the checkpoint's.
graph::HeadOutput BuildNetwork(const checkpoint::Module& model, const checkpoint::Weights& w,
                               graph::Value image, graph::HeadMode mode);

}  // namespace yoloport::sources::yolov6
