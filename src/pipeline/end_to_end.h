// The outputs of a file that post-processes by itself.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "onnx/metadata.h"
#include "runtime/session.h"
#include "tensor/tensor.h"
#include "yoloport/types.h"

namespace yoloport {

// Where the values of detections stand among a session's outputs. Those of one output that holds
// several have the same place.
struct EndToEndOutputs {
  OutputLayout layout = OutputLayout::kMmyolo;
  std::size_t num_dets = 0;  // not of the layouts ultralytics and mmdeploy
  std::size_t boxes = 0;
  std::size_t scores = 0;
  std::size_t labels = 0;
};

// By the outputs' names and ranks, in any layout; nothing when they are others.
std::optional<EndToEndOutputs> FindEndToEnd(std::span<const ValueInfo> outputs);

// The detections of each of the first `images` images of a batch, in the network's pixels, best
// first, that score at least `threshold`. Any element types do, and num_dets may be Nx1 or N.
// Padding (label -1; where nothing counts rows, score 0), rows past num_dets and boxes that are no
// numbers are left out. Throws
// ModelError that begins with `model` when the shapes do not fit together.
std::vector<std::vector<Detection>> ReadEndToEnd(const EndToEndOutputs& where,
                                                 std::span<const Tensor> outputs, int images,
                                                 double threshold, const std::string& model);

}  // namespace yoloport
