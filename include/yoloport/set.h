// Changing the thresholds of a file that was exported before.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace yoloport {

// What is not given stays as it is.
struct SetOptions {
  std::filesystem::path model = {};   // an end-to-end file that yoloport wrote, of any backend
  std::filesystem::path output = {};  // empty: `model` itself
  std::optional<double> score_threshold = {};
  std::optional<double> iou_threshold = {};
  std::optional<std::int64_t> keep_topk = {};  // the outputs get as many rows
};

// One number that was changed, or would have been: it may be what it was.
struct ThresholdChange {
  std::string name;  // "score_threshold", "iou_threshold" or "keep_topk"
  double before = 0;
  double after = 0;
};

// Writes `output` atomically: `model` with other thresholds and nothing else changed, metadata
// included. The result is what an export with these thresholds gives. Weights are copied, not
// looked at. Gives what was asked for, in the order of the options. Throws UsageError (a threshold
// outside its range, or none), FileError, ModelError (not such a file).
std::vector<ThresholdChange> SetThresholds(const SetOptions& options);

}  // namespace yoloport
