#include <algorithm>
#include <limits>
#include <numeric>

#include "base/text.h"
#include "graph/fold.h"
#include "graph/ops.h"
#include "graph/ops_checks.h"

namespace yoloport::graph {

using base::ShapeText;
using tensor::Shape;
using tensor::Tensor;

Value Concat(const std::vector<Value>& parts, std::int64_t axis) {
  if (parts.size() == 1) return parts.front();
  const Value first = parts.front();
  axis = Axis("Concat", first, axis);
  const auto at = static_cast<std::size_t>(axis);
  Shape shape = first.shape();
  bool all_constant = first.constant() != nullptr;
  for (const Value& part : std::span(parts).subspan(1)) {
    if (part.dtype() != first.dtype()) Fail("Concat", first, "element types differ");
    if (part.rank() != first.rank())
      Fail("Concat", first, "cannot be joined to " + ShapeText(part.shape()));
    for (std::size_t i = 0; i < shape.size(); ++i) {
      const std::int64_t extent = part.shape()[i];
      if (i == at) {
        shape[i] = shape[i] == kDynamic || extent == kDynamic ? kDynamic : shape[i] + extent;
      } else if (shape[i] == kDynamic) {
        shape[i] = extent;
      } else if (extent != kDynamic && extent != shape[i]) {
        Fail("Concat", first, "cannot be joined to " + ShapeText(part.shape()));
      }
    }
    all_constant = all_constant && part.constant() != nullptr;
  }
  if (all_constant && CanFold(shape)) {
    std::vector<Tensor> tensors;
    for (const Value& part : parts) tensors.push_back(*part.constant());
    return first.graph().Constant(FoldConcat(tensors, axis));
  }
  Node node;
  node.op = "Concat";
  node.attributes["axis"] = axis;
  return first.graph().Add(std::move(node), parts, {first.dtype(), shape});
}

namespace {

// The extents that `shape`, an int64 vector, is known to hold: where it was joined of constants and
// computed extents, the constants are.
Shape PartialShape(Value shape) {
  const auto elements = [](const Tensor& tensor) {
    const auto values = tensor.values<std::int64_t>();
    return Shape(values.begin(), values.end());
  };
  if (shape.constant()) return elements(*shape.constant());
  for (const Node& node : shape.graph().nodes()) {
    if (node.op != "Concat" || node.outputs.front() != shape.id()) continue;
    Shape extents;
    for (const int input : node.inputs) {
      const Graph::ValueData& part = shape.graph().value(input);
      const auto* tensor = std::get_if<Tensor>(&part.constant);
      const Shape known =
          tensor ? elements(*tensor) : Shape(static_cast<std::size_t>(part.shape[0]), kDynamic);
      extents.insert(extents.end(), known.begin(), known.end());
    }
    return extents;
  }
  return Shape(static_cast<std::size_t>(shape.dim(0)), kDynamic);
}

// The elements that are to be distributed over the extents of `wanted` that are not 0, which keeps
// the input's; kDynamic where that is not known.
std::int64_t ElementsToPlace(Value x, const Shape& wanted) {
  std::int64_t count = 1;
  for (std::size_t i = 0; i < x.shape().size(); ++i) {
    if (i < wanted.size() && wanted[i] == 0) continue;
    if (x.shape()[i] == kDynamic) return kDynamic;
    count *= x.shape()[i];
  }
  return count;
}

// `wanted` with 0 and -1 replaced where they can be known.
Shape ResolveReshape(Value x, Shape wanted) {
  std::int64_t rest = ElementsToPlace(x, wanted);
  std::ptrdiff_t unknown = -1;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i] == 0) {
      wanted[i] = x.dim(static_cast<std::int64_t>(i));
    } else if (wanted[i] == -1 && unknown < 0 && rest != kDynamic) {
      unknown = static_cast<std::ptrdiff_t>(i);
    } else if (rest > 0 && wanted[i] > 0) {
      if (rest % wanted[i] != 0) Fail("Reshape", x, "cannot become " + ShapeText(wanted));
      rest /= wanted[i];
    }
  }
  if (unknown >= 0) wanted[static_cast<std::size_t>(unknown)] = rest;
  if (rest != kDynamic && unknown < 0 && rest != 1)
    Fail("Reshape", x, "cannot become " + ShapeText(wanted));
  return wanted;
}

Node ReshapeNode(const Graph& graph) {
  Node node;
  node.op = "Reshape";
  if (graph.opset() >= 14) node.attributes["allowzero"] = std::int64_t{0};
  return node;
}

}  // namespace

Value Reshape(Value x, const Shape& shape) {
  const Shape result = ResolveReshape(x, shape);
  if (x.is_static() && result == x.shape()) return x;
  if (x.constant()) return x.graph().Constant(x.constant()->Reshaped(result));
  return x.graph().Add(ReshapeNode(x.graph()), {x, Int64s(x.graph(), shape)}, {x.dtype(), result});
}

Value Reshape(Value x, Value shape) {
  if (const Tensor* known = shape.constant()) {
    const auto extents = known->values<std::int64_t>();
    return Reshape(x, Shape(extents.begin(), extents.end()));
  }
  return x.graph().Add(ReshapeNode(x.graph()), {x, shape}, {x.dtype(), PartialShape(shape)});
}

Value ReshapeLike(Value y, Value x) {
  if (x.dim(2) != kDynamic && x.dim(3) != kDynamic) {
    return Reshape(y, Shape{0, x.dim(1), x.dim(2), x.dim(3)});
  }
  std::vector<Value> extents;
  for (std::int64_t axis = 0; axis < x.rank(); ++axis) extents.push_back(Dim(x, axis));
  return Reshape(y, Concat(extents, 0));
}

Value Transpose(Value x, const std::vector<std::int64_t>& order) {
  if (static_cast<std::int64_t>(order.size()) != x.rank())
    Fail("Transpose", x, "needs one entry per axis");
  if (std::is_sorted(order.begin(), order.end())) return x;
  if (x.constant()) return x.graph().Constant(FoldTranspose(*x.constant(), order));
  Shape shape;
  for (const std::int64_t axis : order) shape.push_back(x.dim(axis));
  Node node;
  node.op = "Transpose";
  node.attributes["perm"] = order;
  return x.graph().Add(std::move(node), {x}, {x.dtype(), shape});
}

std::vector<Value> Split(Value x, std::int64_t axis, const std::vector<std::int64_t>& sizes) {
  axis = Axis("Split", x, axis);
  if (std::accumulate(sizes.begin(), sizes.end(), std::int64_t{0}) != x.dim(axis)) {
    Fail("Split", x, "the parts do not add up");
  }
  std::vector<ResultType> results;
  for (const std::int64_t size : sizes) {
    results.push_back({x.dtype(), x.shape()});
    results.back().shape[static_cast<std::size_t>(axis)] = size;
  }
  Node node;
  node.op = "Split";
  node.attributes["axis"] = axis;
  std::vector<Value> inputs = {x};
  if (x.graph().opset() < 13) {
    node.attributes["split"] = sizes;
  } else {
    inputs.push_back(Int64s(x.graph(), sizes));
  }
  return x.graph().AddMany(std::move(node), inputs, std::move(results));
}

Value Slice(Value x, std::int64_t axis, std::int64_t begin, std::int64_t end, std::int64_t step) {
  axis = Axis("Slice", x, axis);
  Shape shape = x.shape();
  std::int64_t& extent = shape[static_cast<std::size_t>(axis)];
  if (extent != kDynamic) {
    begin = std::min(begin < 0 ? begin + extent : begin, extent);
    end = std::min(end < 0 ? end + extent : end, extent);
    if (begin == 0 && end == extent && step == 1) return x;
    extent = std::max<std::int64_t>(0, (end - begin + step - 1) / step);
    if (x.constant()) return x.graph().Constant(FoldSlice(*x.constant(), axis, begin, end, step));
  } else if (begin >= 0 && end > begin && end < std::numeric_limits<std::int32_t>::max()) {
    extent = (end - begin + step - 1) / step;  // the caller knows that there are that many
  }
  Graph& graph = x.graph();
  Node node;
  node.op = "Slice";
  return graph.Add(std::move(node),
                   {x, Int64s(graph, {begin}), Int64s(graph, {end}), Int64s(graph, {axis}),
                    Int64s(graph, {step})},
                   {x.dtype(), shape});
}

Value PadEnds(Value x, const std::vector<std::int64_t>& ends) {
  if (static_cast<std::int64_t>(ends.size()) != x.rank())
    Fail("Pad", x, "needs one entry per axis");
  if (std::all_of(ends.begin(), ends.end(), [](auto end) { return end == 0; })) return x;
  Shape shape = x.shape();
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] != kDynamic) shape[i] += ends[i];
  }
  std::vector<std::int64_t> pads(ends.size(), 0);
  pads.insert(pads.end(), ends.begin(), ends.end());
  Node node;
  node.op = "Pad";
  node.attributes["mode"] = std::string("constant");
  return x.graph().Add(std::move(node), {x, Int64s(x.graph(), std::move(pads)), ScalarLike(x, 0)},
                       {x.dtype(), shape});
}

Value Expand(Value x, Value shape) {
  Shape result = BroadcastShape(x.shape(), PartialShape(shape));
  if (const Tensor* known = shape.constant()) {
    const auto extents = known->values<std::int64_t>();
    result = BroadcastShape(x.shape(), Shape(extents.begin(), extents.end()));
    const bool is_ones = std::all_of(extents.begin(), extents.end(), [](auto n) { return n == 1; });
    const bool is_nothing = is_ones || x.is_static();
    if (is_nothing && result == x.shape()) return x;
    if (x.constant() && CanFold(result))
      return x.graph().Constant(FoldExpand(*x.constant(), result));
  }
  Node node;
  node.op = "Expand";
  return x.graph().Add(std::move(node), {x, shape}, {x.dtype(), result});
}

Value Gather(Value x, Value indices, std::int64_t axis) {
  axis = Axis("Gather", x, axis);
  Shape shape(x.shape().begin(), x.shape().begin() + axis);
  shape.insert(shape.end(), indices.shape().begin(), indices.shape().end());
  shape.insert(shape.end(), x.shape().begin() + axis + 1, x.shape().end());
  if (x.constant() && indices.constant() && CanFold(shape)) {
    return x.graph().Constant(FoldGather(*x.constant(), *indices.constant(), axis));
  }
  Node node;
  node.op = "Gather";
  node.attributes["axis"] = axis;
  return x.graph().Add(std::move(node), {x, indices}, {x.dtype(), shape});
}

Value GatherElements(Value x, Value indices, std::int64_t axis) {
  axis = Axis("GatherElements", x, axis);
  if (indices.rank() != x.rank()) Fail("GatherElements", x, "needs indices of the same rank");
  Node node;
  node.op = "GatherElements";
  node.attributes["axis"] = axis;
  return x.graph().Add(std::move(node), {x, indices}, {x.dtype(), indices.shape()});
}

Value Range(Value begin, Value end, Value step) {
  const auto scalar = [](Value x) { return x.constant()->values<std::int64_t>()[0]; };
  if (begin.constant() && end.constant() && step.constant()) {
    return begin.graph().Constant(FoldRange(scalar(begin), scalar(end), scalar(step)));
  }
  Node node;
  node.op = "Range";
  return begin.graph().Add(std::move(node),
                           {Reshape(begin, Shape{}), Reshape(end, Shape{}), Reshape(step, Shape{})},
                           {tensor::DType::kInt64, {kDynamic}});
}

Value Dim(Value x, std::int64_t axis) {
  axis = Axis("Shape", x, axis);
  Graph& graph = x.graph();
  if (x.dim(axis) != kDynamic) return Int64s(graph, {x.dim(axis)});
  Node node;
  node.op = "Shape";
  const Value shape = graph.Add(std::move(node), {x}, {tensor::DType::kInt64, {x.rank()}});
  return Slice(shape, 0, axis, axis + 1);
}

}  // namespace yoloport::graph
