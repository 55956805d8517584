// The output of a file that another program made, as rows before suppression: to detections.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "contract/row_format.h"
#include "detect/wrong_answers.h"
#include "image/letterbox.h"
#include "tasks/detect/host/raw_decode.h"
#include "tensor/tensor.h"
#include "yoloport/types.h"

namespace yoloport::detect {

// The detections of the first images of a batch, one list and one of `min_boxes` each, in the
// network's pixels, best first; `input` is the network's. What can be no detection is left out and
// added to `wrong`. Any float element type does. Throws ModelError that begins with `model` unless
// the output's shape is that of the format. Thread-safe.
std::vector<std::vector<Detection>> ReadRows(const contract::RowFormat& format,
                                             const tensor::Tensor& output, image::Extent input,
                                             const contract::NmsPolicy& policy,
                                             std::span<const tasks::detect::host::MinBox> min_boxes,
                                             const std::string& model, WrongAnswers& wrong);

}  // namespace yoloport::detect
