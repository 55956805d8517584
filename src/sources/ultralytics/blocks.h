// The blocks that only Ultralytics' networks have.
#pragma once

#include <span>

#include "sources/layer_list/layer_list.h"

namespace yoloport::sources::ultralytics {

// All layers of Ultralytics' detectors, and of YOLOv5's repository, that are known.
std::span<const layer_list::KnownLayer> KnownLayers();

}  // namespace yoloport::sources::ultralytics
