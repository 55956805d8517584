// The heads of YOLOv7's repository: Detect, IDetect, IAuxDetect.
#pragma once

#include "graph/head.h"
#include "sources/layer_list/layer_list.h"

namespace yoloport::sources::yolov7 {

// What IAuxDetect has for training alone is left out.
graph::HeadOutput BuildHead(const layer_list::Head& head, graph::HeadMode mode);

}  // namespace yoloport::sources::yolov7
