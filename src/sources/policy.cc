#include "sources/policy.h"

#include <fmt/format.h>

#include <algorithm>

#include "yoloport/limits.h"

namespace yoloport::sources {

std::vector<std::string> TakePolicy(const contract::NmsPolicy& policy, std::string_view whose,
                                    ExportOptions& options) {
  std::vector<std::string> lines;
  const auto change = [&](std::string_view what, auto& value, auto wanted) {
    if (value == wanted) return;
    lines.push_back(fmt::format("{} {} -> {} ({})", what, value, wanted, whose));
    value = wanted;
  };
  change("--score-threshold", options.score_threshold, policy.score_threshold);
  change("--iou-threshold", options.iou_threshold, policy.iou_threshold);
  change("--pre-topk", options.pre_topk, std::min(policy.pre_topk, kLargestTopk));
  change("--keep-topk", options.keep_topk, std::min(policy.keep_topk, kLargestTopk));
  change("--min-box-size", options.min_box_size, policy.min_box_size);
  change("--class-agnostic", options.class_agnostic, policy.class_agnostic);
  return lines;
}

}  // namespace yoloport::sources
