// OpenVINO: ONNX's own operators; it computes with channels last, so positions that stand first
// cost it nothing.
#include "targets/rows.h"

namespace yoloport::targets {

const Target kOpenVino = {.name = "openvino",
                          .nms = tasks::detect::nodes::NmsOperator::kOnnx,
                          .layout = graph::HeadLayout::kPositionsFirst};

}  // namespace yoloport::targets
