// Inputs that callers may leave out, because the file holds their elements.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "tensor/tensor.h"

namespace yoloport::onnx::outline {

struct InputDefaults {
  std::map<std::string, tensor::Tensor> values;  // by the inputs' names; they own their bytes
  std::string model;  // the file with these inputs and without the elements; empty without `values`
};

// Takes the default elements of inputs out of `model`, the bytes of an ONNX file: for runtimes that
// take an input with elements for a constant. Nothing is found in a file that is broken.
InputDefaults TakeInputDefaults(std::string_view model);

}  // namespace yoloport::onnx::outline
