// Thresholds from the config's model.test_cfg.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "yoloport/export.h"

namespace yoloport {

// Sets the thresholds of `options` to those of `test_cfg` (score_thr, nms.iou_threshold, nms_pre,
// max_per_img), and returns a line for each that changed. `multi_label` is set where test_cfg says
// so. Throws ConfigError where test_cfg asks for another kind of NMS.
std::vector<std::string> ApplyTestCfg(const ConfigNode& test_cfg, ExportOptions& options,
                                      bool& multi_label);

}  // namespace yoloport
