// TensorRT 7: its plugin BatchedNMSDynamic_TRT.
#include <fmt/format.h>

#include "targets/rows.h"
#include "targets/tensorrt.h"
#include "yoloport/error.h"

namespace yoloport::targets {
namespace {

constexpr int kLastOpset = 11;  // that its parser knows

void CheckOptions(const ExportOptions& options) {
  RefuseThresholdInputs(options);
  if (!options.class_agnostic) return;
  throw UsageError(
      "--class-agnostic cannot be had with the backend tensorrt7: its BatchedNMSDynamic_TRT only "
      "suppresses boxes of one class",
      "use the backend tensorrt8, or merge the classes in the training config");
}

std::vector<std::string> Notes(const ExportOptions& options) {
  if (options.opset <= kLastOpset) return {};
  return {fmt::format("TensorRT 7 knows ONNX up to opset {}; this file is of opset {}", kLastOpset,
                      options.opset)};
}

}  // namespace

const Target kTensorRt7 = {.name = "tensorrt7",
                           .nms = tasks::detect::nodes::NmsOperator::kBatched,
                           .check_options = CheckOptions,
                           .check_head = CheckRanking,
                           .notes = Notes};

}  // namespace yoloport::targets
