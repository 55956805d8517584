// Detectors of MMDetection 3: a config, and a checkpoint of MMEngine.
#pragma once

#include <memory>

#include "sources/mmengine/config_source.h"

namespace yoloport::sources::mmdet {

// Whether `model`, a detector's config, is MMDetection's.
bool IsMmdet(const config::ConfigNode& model);

// Throws ConfigError at a detector of MMDetection that is not supported.
std::unique_ptr<ModelSource> OpenMmdet(mmengine::TrainedDetector trained);

}  // namespace yoloport::sources::mmdet
