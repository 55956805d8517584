// What a detector's options may be.
#pragma once

#include "yoloport/detector.h"

namespace yoloport::detect {

inline constexpr int kMaxBatch = 1024;

// Throw UsageError.
void CheckOptions(const DetectorOptions& options);
void CheckRange(const Thresholds& thresholds);
int CheckedStreams(int streams);

}  // namespace yoloport::detect
