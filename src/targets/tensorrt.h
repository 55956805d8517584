// What the targets TensorRT 8 and 7 have in common.
#pragma once

#include "graph/head.h"
#include "yoloport/export.h"

namespace yoloport::targets {

// Throws UsageError: plugins take thresholds as attributes, not as inputs.
void RefuseThresholdInputs(const ExportOptions& options);

// Throws UsageError where the network has more anchors than TensorRT's TopK takes and all of them
// would have to be ranked.
void CheckRanking(const ExportOptions& options, const graph::DetectionHead& head);

}  // namespace yoloport::targets
