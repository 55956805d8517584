#include "graph/head.h"

#include "graph/ops.h"

namespace yoloport::graph {

Value PositionsOf(Value map, std::int64_t columns, HeadLayout layout) {
  if (layout == HeadLayout::kPositionsLast) return Reshape(map, tensor::Shape{0, columns, -1});
  return Reshape(Transpose(map, {0, 2, 3, 1}), tensor::Shape{0, -1, columns});
}

}  // namespace yoloport::graph
