// Thresholds from the config's model.test_cfg.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "yoloport/export.h"

namespace yoloport::sources::mmyolo {

// Sets the thresholds of `options` to those of `test_cfg`, and returns a line for each that changed
// and for what of `test_cfg` is not as in MMYOLO. What test_cfg leaves out is as MMYOLO takes it.
// `multi_label` is set where test_cfg says so. docs/config_keys.md lists the keys. Throws
// ConfigError where test_cfg asks for another kind of NMS, or gives it an argument that it does not
// take.
std::vector<std::string> ApplyTestCfg(const config::ConfigNode& test_cfg, ExportOptions& options,
                                      bool& multi_label);

}  // namespace yoloport::sources::mmyolo
