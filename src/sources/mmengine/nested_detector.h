// Detectors inside of others: students of MMRazor's distillations, which were trained beside a
// teacher, what MMDetection's test-time augmentation calls, and what its trackers follow.
#pragma once

#include <string>
#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"

namespace yoloport::sources::mmengine {

struct DetectorConfig {
  config::ConfigNode model;         // of the detector
  config::ConfigNode preprocessed;  // whose `data_preprocessor` prepares images: it or the tracker
};

// The detector that `model`, the value of that name in a config, is about: `model` itself, or the
// student where that is a distillation. `architecture` then holds the student's own `model`, or
// names the config that does as `cfg_path`; `options` say where packages lie. Of DetTTAModel it is
// the `module`, of a tracker the `detector`, which `notes` tell. Throws ConfigError at a
// semi-supervised detector.
DetectorConfig FindDetector(const config::ConfigNode& model, const config::ConfigOptions& options,
                            std::vector<std::string>& notes);

// The weights of the detector: all of `w`, or those below `architecture` where a checkpoint holds a
// student beside its `teacher` and the `distiller`'s connectors (MMRazor's converter strips them),
// or those below `detector` where it holds a tracker's.
checkpoint::Weights DetectorWeights(const checkpoint::Weights& w);

}  // namespace yoloport::sources::mmengine
