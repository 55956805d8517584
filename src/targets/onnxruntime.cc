// ONNX Runtime: all in ONNX's own operators.
#include "targets/rows.h"

namespace yoloport::targets {

const Target kOnnxRuntime = {.name = "onnxruntime",
                             .nms = tasks::detect::nodes::NmsOperator::kOnnx};

}  // namespace yoloport::targets
