// GPUs through ONNX Runtime's execution providers, where the library that was found has them.
#pragma once

#include <onnxruntime_cxx_api.h>

#include "runtime/session.h"

namespace yoloport::runtime {

// Makes sessions with `ort` run where `options` say: its runtime is onnxruntime or tensorrt, its
// device stated. Throws RuntimeError that says which provider is missing, or why it does not start.
void UseDevice(Ort::SessionOptions& ort, const SessionOptions& options);

}  // namespace yoloport::runtime
