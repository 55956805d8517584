// The families, one per file of this folder. Each is a row of the table in registry.cc.
#pragma once

#include "models/model.h"

namespace yoloport::models {

extern const Family kConvNext;
extern const Family kEfficientNet;
extern const Family kMmdetNecks;
extern const Family kMobileNetV3;
extern const Family kPpyoloe;
extern const Family kPvt;
extern const Family kResNet;
extern const Family kRtmdet;
extern const Family kSwin;
extern const Family kYolov5;
extern const Family kYolov6;
extern const Family kYolov7;
extern const Family kYolov8;
extern const Family kYolox;

}  // namespace yoloport::models
