// The blocks of YOLOv6's repository, of all its releases from 2.0 on, by their class names.
#pragma once

#include "graph/graph.h"
#include "sources/layer_list/block.h"

namespace yoloport::sources::yolov6 {

// Any block that gives one feature map for one, and torch's Sequential and Conv2d. Throws
// CheckpointError at a class that is not known.
graph::Value Build(const layer_list::Block& block, graph::Value x);

// BiFusion: `high`, half as large, `current`, and `low`, twice as large, as one map.
graph::Value BiFusion(const layer_list::Block& block, graph::Value high, graph::Value current,
                      graph::Value low);

// Throws CheckpointError where the module is not of a class of this repository, or has none of
// these names.
void RequireOwn(const checkpoint::Module& module);

}  // namespace yoloport::sources::yolov6
