// The rows of the table of targets: each is defined in the file of its name.
#pragma once

#include "targets/target.h"

namespace yoloport::targets {

extern const Target kOnnxRuntime;
extern const Target kOpenVino;
extern const Target kTensorRt8;
extern const Target kTensorRt7;

// Compilers that take raw heads only (raw_heads.cc).
extern const Target kNcnn;
extern const Target kHorizonX3;
extern const Target kRknn;
extern const Target kAx620a;
extern const Target kCoreMl;
extern const Target kPplNn;
extern const Target kTorchScript;
extern const Target kTvm;

}  // namespace yoloport::targets
