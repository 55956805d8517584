#include <onnxruntime_cxx_api.h>

#include "runtime/onnxruntime_library.h"

namespace yoloport {

void InitOnnxRuntime() { Ort::InitApi(); }

}  // namespace yoloport
