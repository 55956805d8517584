#include <onnxruntime_cxx_api.h>

#include "runtime/onnxruntime_library.h"

namespace yoloport::runtime {

void InitOnnxRuntime() { Ort::InitApi(); }

}  // namespace yoloport::runtime
