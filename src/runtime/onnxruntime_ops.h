// TensorRT's NMS plugins as custom operators of ONNX Runtime, so that files written for TensorRT
// run on the CPU.
#pragma once

#include <onnxruntime_cxx_api.h>

namespace yoloport::runtime {

// Makes EfficientNMS_TRT and BatchedNMSDynamic_TRT of the domain TRT known to sessions that are
// opened with `options`.
void AddTensorRtOps(Ort::SessionOptions& options);

}  // namespace yoloport::runtime
