// From what was decoded on the host to detections.
#pragma once

#include <vector>

#include "contract/nms_policy.h"
#include "detect/wrong_answers.h"
#include "tasks/detect/host/raw_decode.h"
#include "yoloport/types.h"

namespace yoloport::detect {

// The detections of an image, best first, in the network's pixels. What can be no detection is left
// out and added to `wrong`.
std::vector<Detection> Suppress(const tasks::detect::host::RawCandidates& candidates,
                                const contract::NmsPolicy& policy, WrongAnswers& wrong);

}  // namespace yoloport::detect
