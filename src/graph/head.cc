#include "graph/head.h"

#include "graph/ops.h"

namespace yoloport::graph {

Value PositionsOf(Value map, std::int64_t columns, HeadLayout layout) {
  if (layout == HeadLayout::kPositionsLast) return Reshape(map, tensor::Shape{0, columns, -1});
  return Reshape(Transpose(map, {0, 2, 3, 1}), tensor::Shape{0, -1, columns});
}

void CastToFloat(HeadOutput& network) {
  const auto cast = [](Value& value) {
    if (value) value = Cast(value, tensor::DType::kFloat32);
  };
  for (Value& value : network.raw) cast(value);
  for (HeadLevel& level : network.head.levels) {
    cast(level.classes);
    cast(level.boxes);
    cast(level.objectness);
  }
}

}  // namespace yoloport::graph
