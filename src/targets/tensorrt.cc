#include "targets/tensorrt.h"

#include <fmt/format.h>

#include "yoloport/error.h"

namespace yoloport::targets {
namespace {

constexpr std::int64_t kLargestRanking = 3840;  // K of TensorRT's TopK

// Of all levels; kDynamic where it is not known.
std::int64_t AnchorCount(const graph::DetectionHead& head) {
  std::int64_t anchors = 0;
  for (const graph::HeadLevel& level : head.levels) {
    const std::int64_t count = level.classes.dim(graph::PositionAxis(head.layout));
    if (count == graph::kDynamic) return graph::kDynamic;
    anchors += count;
  }
  return anchors;
}

}  // namespace

void RefuseThresholdInputs(const ExportOptions& options) {
  if (!options.runtime_thresholds) return;
  throw UsageError(fmt::format("--runtime-thresholds cannot be had with the backend {}: its NMS "
                               "plugin takes thresholds as attributes",
                               options.backend),
                   "export with the thresholds, or change them later with `yoloport set`");
}

void CheckRanking(const ExportOptions& options, const graph::DetectionHead& head) {
  // Without suppression what is kept is ranked, too.
  if (head.spec.one_to_one && options.keep_topk > kLargestRanking) {
    throw UsageError(fmt::format("--keep-topk is {}, but TensorRT ranks at most {}",
                                 options.keep_topk, kLargestRanking),
                     fmt::format("give at most {}", kLargestRanking));
  }
  if (options.pre_topk <= kLargestRanking) return;
  const std::int64_t anchors = AnchorCount(head);
  // Where there are no more anchors than pre_topk, none are ranked.
  if (anchors != graph::kDynamic && anchors <= options.pre_topk) return;
  std::string hint =
      fmt::format("{} at most {}", options.from_test_cfg ? "set model.test_cfg.nms_pre to" : "give",
                  kLargestRanking);
  if (anchors != graph::kDynamic) {
    hint += fmt::format(", or at least {}: that is all anchors, which need no ranking", anchors);
  }
  throw UsageError(fmt::format("--pre-topk is {}, but TensorRT ranks at most {}", options.pre_topk,
                               kLargestRanking),
                   hint);
}

}  // namespace yoloport::targets
