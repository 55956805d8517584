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
Tensor FoldBinary(std::string_view op, const Tensor& a, const Tensor& b);
Tensor FoldWhere(const Tensor& condition, const Tensor& a, const Tensor& b);
Tensor FoldConcat(const std::vector<Tensor>& parts, std::int64_t axis);
Tensor FoldGather(const Tensor& x, const Tensor& indices, std::int64_t axis);
Tensor FoldTranspose(const Tensor& x, const std::vector<std::int64_t>& order);
Tensor FoldExpand(const Tensor& x, const Shape& shape);
Tensor FoldSlice(const Tensor& x, std::int64_t axis, std::int64_t begin, std::int64_t end,
                 std::int64_t step);
Tensor FoldRange(std::int64_t begin, std::int64_t end, std::int64_t step);

// The shape of numpy's broadcasting; an extent that is kDynamic in one and 1 in the other stays
// dynamic. Throws ModelError when the shapes do not fit.
Shape BroadcastShape(const Shape& a, const Shape& b);

}  // namespace yoloport::graph
