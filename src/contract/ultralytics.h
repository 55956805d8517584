// What the programs of Ultralytics do around a network, for files that they exported and for their
// checkpoints.
#pragma once

#include "contract/nms_policy.h"
#include "yoloport/types.h"

namespace yoloport::contract {

// LetterBox(), then RGB / 255.
Preprocess UltralyticsPreprocess();

// letterbox() and scale_coords() of the repositories of YOLOv5, YOLOv6 and YOLOv7: boxes come back
// by the ratio itself and by what it leaves of the padding, not by whole pixels.
Preprocess Yolov5Preprocess();

// Of predict(): conf, iou, max_det; at most 30000 boxes enter, each for its best class.
NmsPolicy UltralyticsPolicy();

// Of YOLOv5's and YOLOv7's detect.py: --conf-thres, --iou-thres, --max-det; the same otherwise.
NmsPolicy Yolov5Policy();

}  // namespace yoloport::contract
