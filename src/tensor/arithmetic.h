// The arithmetic of folding layers into convolution weights (out x in x kH x kW, dense float32).
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace yoloport::tensor {

// Row `o` of `weight` times `scale[o]`.
Tensor ScaleRows(const Tensor& weight, std::span<const float> scale);

// The rows of `weight` in another order: row `i` of the result is row `order[i]` of `weight`.
Tensor PermuteRows(const Tensor& weight, std::span<const std::int64_t> order);

// The kernels of `weight` for some of its inputs: those of input `i` of the result are those of
// input `order[i]` of `weight`.
Tensor PermuteInputs(const Tensor& weight, std::span<const std::int64_t> order);

// The sum of two, `b`'s kernels, of the same size or smaller, in the middle of `a`'s. The
// difference of sizes must be even.
Tensor AddKernels(const Tensor& a, const Tensor& b);

// How many elements are NaN or infinite; those of float32 and float16 are looked at.
std::size_t CountNonFinite(const Tensor& tensor);

}  // namespace yoloport::tensor
