// Changing the thresholds of a file that was exported before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>

namespace yoloport {

// What is not given stays as it is.
struct SetOptions {
  std::filesystem::path model = {};   // an end-to-end file that yoloport wrote, of any backend
  std::filesystem::path output = {};  // empty: `model` itself
  std::optional<double> score_threshold = {};
  std::optional<double> iou_threshold = {};
  std::optional<std::int64_t> keep_topk = {};  // the outputs get as many rows
};

// Writes `output` atomically: `model` with other thresholds and nothing else changed, metadata
// included. The result is what an export with these thresholds gives. Weights are copied, not
// looked at. Throws UsageError (a threshold outside its range, or none), FileError, ModelError (not
// such a file).
void SetThresholds(const SetOptions& options);

}  // namespace yoloport
