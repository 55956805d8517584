// Networks that yoloport does not know, by the names of their weights: so that a user is told what
// a file holds and not only that it does not fit.
#pragma once

#include <span>
#include <string>

#include "checkpoint/checkpoint.h"

namespace yoloport::checkpoint {

// For a message: "torchvision's Faster R-CNN". Empty where the keys are of none of these.
std::string NameOfOtherNetwork(std::span<const NamedTensor> tensors);

}  // namespace yoloport::checkpoint
