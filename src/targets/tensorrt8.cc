// TensorRT 8: its plugin EfficientNMS_TRT.
#include "targets/rows.h"
#include "targets/tensorrt.h"

namespace yoloport::targets {
namespace {

std::vector<std::string> Notes(const ExportOptions& options) {
  if (!options.class_agnostic) return {};
  return {"class-agnostic NMS needs TensorRT 8.6.1 or later: earlier ones ignore it silently"};
}

}  // namespace

const Target kTensorRt8 = {.name = "tensorrt8",
                           .nms = tasks::detect::nodes::NmsOperator::kEfficient,
                           .check_options = RefuseThresholdInputs,
                           .check_head = CheckRanking,
                           .notes = Notes};

}  // namespace yoloport::targets
