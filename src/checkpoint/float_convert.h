// The conversion on the path of every weight, written so that the compiler vectorises it.
#pragma once

#include "tensor/tensor.h"

namespace yoloport {

// `tensor` as dense, aligned float32: itself, sharing its bytes, when it already is.
Tensor ToFloat32(const Tensor& tensor);

}  // namespace yoloport
