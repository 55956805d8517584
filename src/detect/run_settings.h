// What decides which detections a run gives: thresholds of a detector, or of one call.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contract/nms_policy.h"
#include "runtime/session.h"
#include "tensor/tensor.h"
#include "yoloport/detector.h"

namespace yoloport::detect {

struct RunSettings {
  double score_threshold = 0;          // of end-to-end files, beyond the file's own
  std::vector<tensor::Tensor> inputs;  // of the session's optional inputs; null: the file's own
  contract::NmsPolicy nms;             // of raw heads and rows of other programs
};

bool HasInput(std::span<const runtime::ValueInfo> inputs, std::string_view name);

// Of an end-to-end file with these optional inputs. Throws UsageError that begins with `model`
// where it has none for a threshold that is given.
RunSettings EndToEndSettings(const Thresholds& thresholds,
                             std::span<const runtime::ValueInfo> inputs, const std::string& model,
                             bool is_foreign);

// Of a file whose boxes are suppressed on the host, by default with `nms`.
RunSettings SuppressionSettings(const Thresholds& thresholds, contract::NmsPolicy nms);

}  // namespace yoloport::detect
