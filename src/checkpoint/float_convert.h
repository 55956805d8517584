// The conversion on the path of every weight, written so that the compiler vectorises it.
#pragma once

#include "tensor/tensor.h"

namespace yoloport::checkpoint {

// `tensor` as dense, aligned float32: itself, sharing its bytes, when it already is.
tensor::Tensor ToFloat32(const tensor::Tensor& tensor);

}  // namespace yoloport::checkpoint
