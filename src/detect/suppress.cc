#include "detect/suppress.h"

#include "tasks/detect/host/nms.h"

namespace yoloport::detect {

std::vector<Detection> Suppress(const tasks::detect::host::RawCandidates& candidates,
                                const contract::NmsPolicy& policy, WrongAnswers& wrong) {
  auto detections = tasks::detect::host::SuppressNonMaxima(candidates, policy);
  const auto far = std::erase_if(
      detections, [](const Detection& detection) { return !WrongAnswers::IsBox(detection.box); });
  wrong.Add(WrongAnswers::kScore, candidates.wrong_scores);
  wrong.Add(WrongAnswers::kBox, candidates.wrong_boxes + static_cast<std::int64_t>(far));
  return detections;
}

}  // namespace yoloport::detect
