// Non-maximum suppression on the host, with the contract of docs/nms.md.
#pragma once

#include <span>
#include <vector>

#include "tasks/detect/host/raw_decode.h"
#include "yoloport/types.h"

namespace yoloport::tasks::detect::host {

// The best policy.keep_topk detections in falling score order, boxes in pixels of the network's
// input. Thread-safe.
std::vector<Detection> SuppressNonMaxima(const RawCandidates& candidates,
                                         const contract::NmsPolicy& policy);

}  // namespace yoloport::tasks::detect::host
