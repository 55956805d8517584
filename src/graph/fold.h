// Computing operators on constants while the graph is built.
#pragma once

#include <string_view>
#include <vector>

#include "tensor/tensor.h"

namespace yoloport::graph {

// Larger results are left to be computed when the model runs: a table would only make the file
// bigger.
inline constexpr std::int64_t kLargestFold = 1 << 16;  // elements

// `op` is Add, Sub, Mul, Div, Max, Min, Greater or Equal; int64 or float32 operands of one type.
tensor::Tensor FoldBinary(std::string_view op, const tensor::Tensor& a, const tensor::Tensor& b);
tensor::Tensor FoldWhere(const tensor::Tensor& condition, const tensor::Tensor& a,
                         const tensor::Tensor& b);
tensor::Tensor FoldConcat(const std::vector<tensor::Tensor>& parts, std::int64_t axis);
tensor::Tensor FoldGather(const tensor::Tensor& x, const tensor::Tensor& indices,
                          std::int64_t axis);
tensor::Tensor FoldTranspose(const tensor::Tensor& x, const std::vector<std::int64_t>& order);
tensor::Tensor FoldExpand(const tensor::Tensor& x, const tensor::Shape& shape);
tensor::Tensor FoldSlice(const tensor::Tensor& x, std::int64_t axis, std::int64_t begin,
                         std::int64_t end, std::int64_t step);
tensor::Tensor FoldRange(std::int64_t begin, std::int64_t end, std::int64_t step);

// The shape of numpy's broadcasting; an extent that is kDynamic in one and 1 in the other stays
// dynamic. Throws ModelError when the shapes do not fit.
tensor::Shape BroadcastShape(const tensor::Shape& a, const tensor::Shape& b);

}  // namespace yoloport::graph
