// Thresholds as MMDetection's heads read them from model.test_cfg.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "yoloport/export.h"

namespace yoloport::sources::mmdet {

// Sets the thresholds of `options` to those of the test_cfg of `model`, and `multi_label` to what
// its head does. Returns a line for each that changed, and for what the file does not do as
// MMDetection: docs/config_keys.md. Throws ConfigError where test_cfg asks for another kind of NMS,
// or gives it an argument that it does not take.
std::vector<std::string> ApplyTestCfg(const config::ConfigNode& model, ExportOptions& options,
                                      bool& multi_label);

}  // namespace yoloport::sources::mmdet
