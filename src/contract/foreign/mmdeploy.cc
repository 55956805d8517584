// Detectors that mmdeploy converted, recognized by the names of their outputs.
#include "contract/foreign/common.h"

namespace yoloport::contract::foreign {
namespace {

std::optional<Description> Recognize(const Outline& outline, const ModelDescription&) {
  if (!HasOutputs(outline, OutputLayout::kMmdeploy)) return std::nullopt;
  for (const Output& output : outline.outputs) {
    if (output.name != "masks") continue;
    Refuse(outline,
           "an instance segmentation model of mmdeploy (it has the output masks), not a "
           "detector");
  }
  return Description{"a detector of mmdeploy (dets, labels)"};
}

}  // namespace

const Format kMmdeploy = {Recognize};

}  // namespace yoloport::contract::foreign
