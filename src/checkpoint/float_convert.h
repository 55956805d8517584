// The conversions on the path of every weight, written so that the compiler vectorises them.
#pragma once

#include <cstddef>
#include <span>

#include "tensor/tensor.h"

namespace yoloport {

// `tensor` as dense, aligned float32: itself, sharing its bytes, when it already is.
Tensor ToFloat32(const Tensor& tensor);

// How many of `values` are NaN or infinite.
std::size_t CountNonFinite(std::span<const float> values);

}  // namespace yoloport
