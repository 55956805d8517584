// Detectors of MMYOLO and of what is trained with it: a config, and a checkpoint of MMEngine.
#pragma once

#include <memory>

#include "sources/mmengine/config_source.h"

namespace yoloport::sources::mmyolo {

// Whether `model`, a detector's config, is MMYOLO's.
bool IsMmyolo(const config::ConfigNode& model);

std::unique_ptr<ModelSource> OpenMmyolo(mmengine::TrainedDetector trained);

}  // namespace yoloport::sources::mmyolo
