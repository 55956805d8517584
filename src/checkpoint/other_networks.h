// Networks that yoloport does not know, by the names of their weights: so that a user is told what
// a file holds and not only that it does not fit.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "checkpoint/checkpoint.h"
#include "formats/pickle/pickle_value.h"

namespace yoloport::checkpoint {

// For a message: "torchvision's Faster R-CNN". Empty where the keys are of none of these.
std::string NameOfOtherNetwork(std::span<const NamedTensor> tensors);

// The same of a model that was saved whole, by the name of its class. Empty where that is of no
// package that is known.
std::string NameOfOtherModel(std::string_view class_name);

// Whose file a pickle is that torch did not write, by what it holds: "PaddlePaddle's". Empty where
// that does not tell.
std::string_view WriterOfPickle(const formats::pickle::Value& root);

}  // namespace yoloport::checkpoint
