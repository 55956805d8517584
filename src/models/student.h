// Students of MMRazor's distillations: detectors that were trained beside a teacher.
#pragma once

#include "checkpoint/weights.h"
#include "config/config.h"

namespace yoloport {

// The detector that `model`, the value of that name in a config, is about: `model` itself, or the
// student where that is a distillation. `architecture` then holds the student's own `model`, or
// names the config that does as `cfg_path`; `options` say where packages lie.
ConfigNode DetectorConfig(const ConfigNode& model, const ConfigOptions& options);

// The weights of the detector: all of `w`, or those below `architecture` where a checkpoint holds a
// student beside its `teacher` and the `distiller`'s connectors. (MMRazor's converter strips them.)
Weights DetectorWeights(const Weights& w);

}  // namespace yoloport
