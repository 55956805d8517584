// Thresholds of a source that states them as a whole, not by keys of a config.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "contract/nms_policy.h"
#include "yoloport/export.h"

namespace yoloport::sources {

// Sets the thresholds of `options` to those of `policy`. Gives a line for each that changed, which
// says that they are `whose`: "--iou-threshold 0.65 -> 0.45 (detect.py)".
std::vector<std::string> TakePolicy(const contract::NmsPolicy& policy, std::string_view whose,
                                    ExportOptions& options);

}  // namespace yoloport::sources
