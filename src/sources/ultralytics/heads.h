// The heads: Ultralytics' Detect and v10Detect, and the Detect of YOLOv5's repository.
#pragma once

#include <vector>

#include "checkpoint/module_tree.h"
#include "graph/head.h"
#include "sources/layer_list/layer_list.h"

namespace yoloport::sources::ultralytics {

// Whether the head has branches that give one box an object (`one2one_cv2`), as those of YOLOv10
// and YOLO26 do: they are taken, whatever other branches training has left.
bool IsOneToOne(const checkpoint::Module& head);

// Without anchors: type "yolov8".
graph::HeadOutput BuildPointHead(const layer_list::Head& head, graph::HeadMode mode);

// With anchors: type "yolov5".
graph::HeadOutput BuildAnchorHead(const layer_list::Head& head, graph::HeadMode mode);

}  // namespace yoloport::sources::ultralytics
