// End-to-end files of MMYOLO's easydeploy, recognized by the names of their outputs.
#include "contract/foreign/common.h"

namespace yoloport::contract::foreign {
namespace {

std::optional<Description> Recognize(const Outline& outline, const ModelDescription&) {
  if (!HasOutputs(outline, OutputLayout::kMmyolo)) return std::nullopt;
  return Description{"an end-to-end file of easydeploy (num_dets, boxes, scores, labels)"};
}

}  // namespace

const Format kEasydeploy = {Recognize};

}  // namespace yoloport::contract::foreign
