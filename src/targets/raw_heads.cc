// Compilers and runtimes that take a network without NMS: files for them end with the raw heads.
#include "targets/rows.h"

namespace yoloport::targets {

// pnnx makes layers of the casts in such files that ncnn does not have.
const Target kNcnn = {
    .name = "ncnn", .channels_last = true, .takes_half = false, .takes_uint8 = false};
const Target kHorizonX3 = {.name = "horizonx3", .channels_last = true};
const Target kRknn = {.name = "rknn", .takes_uint8 = false};
const Target kAx620a = {.name = "ax620a"};
const Target kCoreMl = {.name = "coreml"};
const Target kPplNn = {.name = "pplnn"};
const Target kTorchScript = {.name = "torchscript", .channels_last = true};
const Target kTvm = {.name = "tvm"};

}  // namespace yoloport::targets
