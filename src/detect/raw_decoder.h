// The outputs of a file that ends with its heads (`--model-only`, of yoloport or easydeploy): which
// level each is, and what is in it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "contract/nms_policy.h"
#include "contract/raw_head.h"
#include "detect/wrong_answers.h"
#include "runtime/session.h"
#include "tasks/detect/host/raw_decode.h"
#include "tensor/tensor.h"
#include "yoloport/types.h"

namespace yoloport::detect {

// Whether all outputs are maps: batch x some channels x height x width floats, or channels last.
bool AreRawHeads(std::span<const runtime::ValueInfo> outputs);

// Reads the raw outputs of a network whose input is height x width.
class RawDecoder {
 public:
  RawDecoder(contract::RawHeadInfo info, int height, int width, std::string model)
      : info_(std::move(info)), height_(height), width_(width), model_(std::move(model)) {}

  // Throws ModelError that shows what the type needs and what the outputs are where those do not
  // fit together. Extents that are not known yet (-1) fit. Gives whether outputs of a level are
  // told apart by nothing but their order.
  bool Check(std::span<const runtime::ValueInfo> outputs) const;

  // The detections of the first images of a batch, one list and one of `min_boxes` each, in the
  // network's pixels, best first. What can be no detection is left out and added to `wrong`. Any
  // float element types do. Throws ModelError as Check() does. Thread-safe.
  std::vector<std::vector<Detection>> Read(std::span<const tensor::Tensor> outputs,
                                           const contract::NmsPolicy& policy,
                                           std::span<const tasks::detect::host::MinBox> min_boxes,
                                           WrongAnswers& wrong) const;

 private:
  contract::RawHeadInfo info_;
  int height_;
  int width_;
  std::string model_;
};

}  // namespace yoloport::detect
