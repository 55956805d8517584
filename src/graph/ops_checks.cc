#include "graph/ops_checks.h"

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::graph {

void Fail(std::string_view op, Value x, const std::string& what) {
  throw ModelError(std::string(op) + " on " + x.name() + " (" + base::ShapeText(x.shape()) +
                   "): " + what);
}

std::int64_t Axis(std::string_view op, Value x, std::int64_t axis) {
  const std::int64_t index = axis < 0 ? axis + x.rank() : axis;
  if (index < 0 || index >= x.rank()) Fail(op, x, "no axis " + std::to_string(axis));
  return index;
}

}  // namespace yoloport::graph
