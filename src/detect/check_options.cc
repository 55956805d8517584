#include "detect/check_options.h"

#include <optional>
#include <string>

#include "yoloport/error.h"

namespace yoloport::detect {
namespace {

constexpr int kMaxStreams = 1024;

void RequireShare(const char* what, const std::optional<double>& value) {
  if (value && !(*value >= 0 && *value <= 1)) {
    throw UsageError(std::string("the ") + what + " threshold must be from 0 to 1");
  }
}

}  // namespace

void CheckOptions(const DetectorOptions& options) {
  CheckRange({options.score_threshold, options.iou_threshold, {}});
  if (options.pre_topk.value_or(1) < 1 || options.keep_topk.value_or(1) < 1) {
    throw UsageError("pre_topk and keep_topk must be at least 1");
  }
  if (options.threads < 0) throw UsageError("the number of threads must not be negative");
  if (options.batch < 1 || options.batch > kMaxBatch) {
    throw UsageError("the batch must be from 1 to " + std::to_string(kMaxBatch));
  }
}

void CheckRange(const Thresholds& thresholds) {
  RequireShare("score", thresholds.score_threshold);
  RequireShare("IoU", thresholds.iou_threshold);
}

int CheckedStreams(int streams) {
  if (streams < 1 || streams > kMaxStreams) {
    throw UsageError("the streams must be from 1 to " + std::to_string(kMaxStreams));
  }
  return streams;
}

}  // namespace yoloport::detect
