// The outputs of a file that post-processes by itself.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "contract/model_card.h"
#include "detect/wrong_answers.h"
#include "runtime/session.h"
#include "tensor/tensor.h"
#include "yoloport/types.h"

namespace yoloport::detect {

// Where the values of detections stand among a session's outputs. Those of one output that holds
// several have the same place.
struct EndToEndOutputs {
  contract::OutputLayout layout = contract::OutputLayout::kMmyolo;
  std::size_t num_dets = 0;  // not of the layouts ultralytics and mmdeploy
  std::size_t boxes = 0;
  std::size_t scores = 0;
  std::size_t labels = 0;
};

// By the outputs' names and ranks, in any layout; nothing when they are others.
std::optional<EndToEndOutputs> FindEndToEnd(std::span<const runtime::ValueInfo> outputs);

// The detections of each of the first `images` images of a batch, in the network's pixels, best
// first, that score at least `threshold`. Any element types do, and num_dets may be Nx1 or N.
// Padding (score 0 and label -1, or where nothing counts rows, any label) and rows past num_dets
// are left out; so is what can be no detection, which is added to `wrong`. Throws ModelError that
// begins with `model` when the shapes do not fit together.
std::vector<std::vector<Detection>> ReadEndToEnd(const EndToEndOutputs& where,
                                                 std::span<const tensor::Tensor> outputs,
                                                 int images, double threshold,
                                                 const std::string& model, WrongAnswers& wrong);

}  // namespace yoloport::detect
