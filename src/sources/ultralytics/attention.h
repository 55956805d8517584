// Blocks with attention: YOLOv10, YOLO11 and YOLO26 (PSABlock), YOLO12 (ABlock).
#pragma once

#include "graph/graph.h"
#include "sources/layer_list/block.h"

namespace yoloport::sources::ultralytics {

// Attention (`attn`) and two Convs (`ffn`), each added to its input where `add` says so.
graph::Value PsaBlock(const layer_list::Block& block, graph::Value x);

// The same with attention within each of some areas of the map, which are bands of rows (`mlp`).
graph::Value AreaBlock(const layer_list::Block& block, graph::Value x);

// PSA, YOLOv10's: one half of `cv1` through `attn` and `ffn`, both joined by `cv2`.
graph::Value Psa(const layer_list::Block& block, graph::Value x);

}  // namespace yoloport::sources::ultralytics
