// What the operators of ops.h check of their inputs.
#pragma once

#include <string>
#include <string_view>

#include "graph/fold.h"
#include "graph/graph.h"

namespace yoloport::graph {

// Throws ModelError: the operator, its input with its shape, and `what` is wrong.
[[noreturn]] void Fail(std::string_view op, Value x, const std::string& what);

// `axis` counted from the front; throws ModelError when `x` has none such.
std::int64_t Axis(std::string_view op, Value x, std::int64_t axis);

// Whether a result of this shape is small enough to be computed at once.
inline bool CanFold(const tensor::Shape& result) {
  return tensor::ElementCount(result) <= kLargestFold;
}

}  // namespace yoloport::graph
