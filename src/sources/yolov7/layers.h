// The layers of YOLOv7's repository beside those that YOLOv5's has, too.
#pragma once

#include <span>

#include "sources/layer_list/layer_list.h"

namespace yoloport::sources::yolov7 {

std::span<const layer_list::KnownLayer> KnownLayers();

}  // namespace yoloport::sources::yolov7
