#include "graph/ops.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "base/text.h"
#include "graph/fold.h"
#include "yoloport/error.h"

namespace yoloport::graph {
namespace {

[[noreturn]] void Fail(std::string_view op, Value x, const std::string& what) {
  throw ModelError(std::string(op) + " on " + x.name() + " (" + ShapeText(x.shape()) +
                   "): " + what);
}

std::int64_t Axis(std::string_view op, Value x, std::int64_t axis) {
  const std::int64_t index = axis < 0 ? axis + x.rank() : axis;
  if (index < 0 || index >= x.rank()) Fail(op, x, "no axis " + std::to_string(axis));
  return index;
}

void RequireImages(std::string_view op, Value x) {
  if (x.rank() != 4) Fail(op, x, "expected N x C x H x W");
}

bool CanFold(const Shape& result) { return ElementCount(result) <= kLargestFold; }

// Whether `x` is a constant of one element of that value, and combining it with `other` keeps the
// shape.
bool IsNeutral(Value other, Value x, double value) {
  const Tensor* tensor = x.constant();
  if (tensor == nullptr || tensor->size() != 1 || tensor->rank() > other.rank()) return false;
  return static_cast<double>(tensor->To(DType::kFloat32).values<float>()[0]) == value;
}

Value Unary(std::string op, Value x, std::map<std::string, Attribute> attributes = {}) {
  Node node;
  node.op = std::move(op);
  node.attributes = std::move(attributes);
  return x.graph().Add(std::move(node), {x}, {x.dtype(), x.shape()});
}

Value Binary(const std::string& op, Value a, Value b) {
  if (a.dtype() != b.dtype()) Fail(op, a, "element types differ");
  const Shape shape = BroadcastShape(a.shape(), b.shape());
  const bool folds = a.dtype() == DType::kInt64 || a.dtype() == DType::kFloat32;
  if (folds && a.constant() && b.constant() && CanFold(shape)) {
    return a.graph().Constant(FoldBinary(op, *a.constant(), *b.constant()));
  }
  const bool is_test = op == "Greater" || op == "Equal";
  Node node;
  node.op = op;
  return a.graph().Add(std::move(node), {a, b}, {is_test ? DType::kBool : a.dtype(), shape});
}

// The extent that a sliding window leaves.
std::int64_t WindowExtent(std::int64_t extent, std::int64_t kernel, std::int64_t stride,
                          std::int64_t padding, std::int64_t dilation) {
  if (extent == kDynamic) return kDynamic;
  return (extent + 2 * padding - dilation * (kernel - 1) - 1) / stride + 1;
}

Value Pool(std::string op, Value x, std::int64_t kernel, std::int64_t stride,
           std::int64_t padding) {
  RequireImages(op, x);
  Shape shape = x.shape();
  for (const std::size_t axis : {2, 3})
    shape[axis] = WindowExtent(shape[axis], kernel, stride, padding, 1);
  Node node;
  node.op = std::move(op);
  node.attributes["kernel_shape"] = std::vector<std::int64_t>{kernel, kernel};
  node.attributes["strides"] = std::vector<std::int64_t>{stride, stride};
  node.attributes["pads"] = std::vector<std::int64_t>(4, padding);
  return x.graph().Add(std::move(node), {x}, {x.dtype(), shape});
}

Value Reduce(const std::string& op, Value x, std::int64_t axis, bool keep) {
  axis = Axis(op, x, axis);
  Shape shape = x.shape();
  if (keep) {
    shape[static_cast<std::size_t>(axis)] = 1;
  } else {
    shape.erase(shape.begin() + axis);
  }
  Node node;
  node.op = op;
  node.attributes["keepdims"] = std::int64_t{keep};
  std::vector<Value> inputs = {x};
  if (op == "ReduceSum" && x.graph().opset() >= 13) {
    inputs.push_back(Int64s(x.graph(), {axis}));
  } else if (op == "ArgMax") {
    node.attributes["axis"] = axis;
  } else {
    node.attributes["axes"] = std::vector<std::int64_t>{axis};
  }
  return x.graph().Add(std::move(node), inputs,
                       {op == "ArgMax" ? DType::kInt64 : x.dtype(), shape});
}

}  // namespace

Value Conv(Value x, Value weight, Value bias, const ConvSpec& spec, std::string name) {
  RequireImages("Conv", x);
  const Shape& w = weight.shape();
  if (w.size() != 4 || x.dim(1) != w[1] * spec.groups || w[0] % spec.groups != 0) {
    Fail("Conv", x,
         "a weight of shape " + ShapeText(w) + " in " + std::to_string(spec.groups) +
             " groups does not fit");
  }
  Shape shape = {x.dim(0), w[0], 0, 0};
  for (const std::size_t axis : {2, 3}) {
    shape[axis] = WindowExtent(x.shape()[axis], w[axis], spec.stride, spec.padding, spec.dilation);
  }
  Node node;
  node.op = "Conv";
  node.name = std::move(name);
  node.attributes["kernel_shape"] = std::vector<std::int64_t>{w[2], w[3]};
  node.attributes["strides"] = std::vector<std::int64_t>(2, spec.stride);
  node.attributes["pads"] = std::vector<std::int64_t>(4, spec.padding);
  node.attributes["dilations"] = std::vector<std::int64_t>(2, spec.dilation);
  node.attributes["group"] = spec.groups;
  std::vector<Value> inputs = {x, weight};
  if (bias) inputs.push_back(bias);
  return x.graph().Add(std::move(node), inputs, {x.dtype(), shape});
}

Value ConvTranspose(Value x, Value weight, Value bias, std::int64_t stride, std::string name) {
  RequireImages("ConvTranspose", x);
  const Shape& w = weight.shape();
  if (w.size() != 4 || x.dim(1) != w[0]) {
    Fail("ConvTranspose", x, "a weight of shape " + ShapeText(w) + " does not fit");
  }
  Shape shape = {x.dim(0), w[1], 0, 0};
  for (const std::size_t axis : {2, 3}) {
    const std::int64_t extent = x.shape()[axis];
    shape[axis] = extent == kDynamic ? kDynamic : (extent - 1) * stride + w[axis];
  }
  Node node;
  node.op = "ConvTranspose";
  node.name = std::move(name);
  node.attributes["kernel_shape"] = std::vector<std::int64_t>{w[2], w[3]};
  node.attributes["strides"] = std::vector<std::int64_t>(2, stride);
  std::vector<Value> inputs = {x, weight};
  if (bias) inputs.push_back(bias);
  return x.graph().Add(std::move(node), inputs, {x.dtype(), shape});
}

Value MaxPool(Value x, std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
  return Pool("MaxPool", x, kernel, stride, padding);
}

Value AveragePool(Value x, std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
  return Pool("AveragePool", x, kernel, stride, padding);
}

Value GlobalAveragePool(Value x) {
  RequireImages("GlobalAveragePool", x);
  Node node;
  node.op = "GlobalAveragePool";
  return x.graph().Add(std::move(node), {x}, {x.dtype(), {x.dim(0), x.dim(1), 1, 1}});
}

Value Upsample(Value x, std::int64_t factor) {
  RequireImages("Resize", x);
  Shape shape = x.shape();
  for (const std::size_t axis : {2, 3})
    shape[axis] = shape[axis] == kDynamic ? kDynamic : shape[axis] * factor;
  Graph& graph = x.graph();
  const auto scale = static_cast<float>(factor);
  // Before opset 13 the region of interest, unused in this mode, could not be left out.
  const Value roi = graph.opset() < 13 ? Floats(graph, {0}, {}) : Value();
  Node node;
  node.op = "Resize";
  node.attributes["mode"] = std::string("nearest");
  node.attributes["coordinate_transformation_mode"] = std::string("asymmetric");
  node.attributes["nearest_mode"] = std::string("floor");
  return graph.Add(std::move(node), {x, roi, Floats(graph, {4}, {1, 1, scale, scale})},
                   {x.dtype(), shape});
}

Value Add(Value a, Value b) {
  if (IsNeutral(a, b, 0)) return a;
  if (IsNeutral(b, a, 0)) return b;
  return Binary("Add", a, b);
}

Value Sub(Value a, Value b) {
  if (IsNeutral(a, b, 0)) return a;
  return Binary("Sub", a, b);
}

Value Mul(Value a, Value b) {
  if (IsNeutral(a, b, 1)) return a;
  if (IsNeutral(b, a, 1)) return b;
  return Binary("Mul", a, b);
}

Value Div(Value a, Value b) {
  if (IsNeutral(a, b, 1)) return a;
  return Binary("Div", a, b);
}

// Integers have Max and Min since opset 12 only.
Value Max(Value a, Value b) {
  const bool is_known = a.constant() != nullptr && b.constant() != nullptr;
  if (a.dtype() == DType::kInt64 && a.graph().opset() < 12 && !is_known) {
    return Where(Greater(a, b), a, b);
  }
  return Binary("Max", a, b);
}

Value Min(Value a, Value b) {
  const bool is_known = a.constant() != nullptr && b.constant() != nullptr;
  if (a.dtype() == DType::kInt64 && a.graph().opset() < 12 && !is_known) {
    return Where(Greater(a, b), b, a);
  }
  return Binary("Min", a, b);
}

Value Greater(Value a, Value b) { return Binary("Greater", a, b); }
Value Equal(Value a, Value b) { return Binary("Equal", a, b); }

Value Where(Value condition, Value a, Value b) {
  const Shape shape = BroadcastShape(condition.shape(), BroadcastShape(a.shape(), b.shape()));
  if (condition.constant() && a.constant() && b.constant() && CanFold(shape)) {
    return a.graph().Constant(FoldWhere(*condition.constant(), *a.constant(), *b.constant()));
  }
  Node node;
  node.op = "Where";
  return a.graph().Add(std::move(node), {condition, a, b}, {a.dtype(), shape});
}

Value Abs(Value x) { return Unary("Abs", x); }
Value Relu(Value x) { return Unary("Relu", x); }
Value ThresholdedRelu(Value x, float threshold) {
  return Unary("ThresholdedRelu", x, {{"alpha", threshold}});
}
Value LeakyRelu(Value x, float slope) { return Unary("LeakyRelu", x, {{"alpha", slope}}); }
Value Sigmoid(Value x) { return Unary("Sigmoid", x); }
Value HardSigmoid(Value x, float alpha, float beta) {
  return Unary("HardSigmoid", x, {{"alpha", alpha}, {"beta", beta}});
}
Value Tanh(Value x) { return Unary("Tanh", x); }
Value Exp(Value x) { return Unary("Exp", x); }
Value Erf(Value x) { return Unary("Erf", x); }
Value Softplus(Value x) { return Unary("Softplus", x); }
// Before opset 13 this operator flattens all axes from `axis` on: over the last axis both meanings
// agree.
Value Softmax(Value x) { return Unary("Softmax", x, {{"axis", x.rank() - 1}}); }

Value Clip(Value x, float low, float high) {
  Node node;
  node.op = "Clip";
  return x.graph().Add(std::move(node), {x, ScalarLike(x, low), ScalarLike(x, high)},
                       {x.dtype(), x.shape()});
}

Value Cast(Value x, DType dtype) {
  if (x.dtype() == dtype) return x;
  if (x.constant() && CanFold(x.shape())) return x.graph().Constant(x.constant()->To(dtype));
  // TensorProto.DataType's numbers, in the order of DType.
  constexpr std::int64_t kOnnxType[] = {1, 11, 10, 16, 3, 5, 6, 7, 2, 4, 12, 13, 9};
  Node node;
  node.op = "Cast";
  node.attributes["to"] = kOnnxType[static_cast<std::size_t>(dtype)];
  return x.graph().Add(std::move(node), {x}, {dtype, x.shape()});
}

Value ReduceMax(Value x, std::int64_t axis, bool keep) {
  return Reduce("ReduceMax", x, axis, keep);
}
Value ReduceMin(Value x, std::int64_t axis, bool keep) {
  return Reduce("ReduceMin", x, axis, keep);
}
Value ReduceSum(Value x, std::int64_t axis, bool keep) {
  return Reduce("ReduceSum", x, axis, keep);
}
Value ArgMax(Value x, std::int64_t axis, bool keep) { return Reduce("ArgMax", x, axis, keep); }

std::pair<Value, Value> TopK(Value x, Value k, std::int64_t axis) {
  axis = Axis("TopK", x, axis);
  Shape shape = x.shape();
  shape[static_cast<std::size_t>(axis)] =
      k.constant() ? k.constant()->values<std::int64_t>()[0] : kDynamic;
  Node node;
  node.op = "TopK";
  node.attributes["axis"] = axis;
  node.attributes["largest"] = std::int64_t{1};
  node.attributes["sorted"] = std::int64_t{1};
  const auto results =
      x.graph().AddMany(std::move(node), {x, k}, {{x.dtype(), shape}, {DType::kInt64, shape}});
  return {results[0], results[1]};
}

Value Concat(const std::vector<Value>& parts, std::int64_t axis) {
  if (parts.size() == 1) return parts.front();
  const Value first = parts.front();
  axis = Axis("Concat", first, axis);
  const auto at = static_cast<std::size_t>(axis);
  Shape shape = first.shape();
  bool all_constant = first.constant() != nullptr;
  for (const Value& part : std::span(parts).subspan(1)) {
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

}  // namespace

Value Reshape(Value x, const Shape& shape) {
  const Shape result = ResolveReshape(x, shape);
  if (x.is_static() && result == x.shape()) return x;
  if (x.constant()) return x.graph().Constant(x.constant()->Reshaped(result));
  Node node;
  node.op = "Reshape";
  return x.graph().Add(std::move(node), {x, Int64s(x.graph(), shape)}, {x.dtype(), result});
}

Value Reshape(Value x, Value shape) {
  if (const Tensor* known = shape.constant()) {
    const auto extents = known->values<std::int64_t>();
    return Reshape(x, Shape(extents.begin(), extents.end()));
  }
  Node node;
  node.op = "Reshape";
  return x.graph().Add(std::move(node), {x, shape}, {x.dtype(), PartialShape(shape)});
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

Value Expand(Value x, Value shape) {
  Shape result = BroadcastShape(x.shape(), PartialShape(shape));
  if (const Tensor* known = shape.constant()) {
    const auto extents = known->values<std::int64_t>();
    result = BroadcastShape(x.shape(), Shape(extents.begin(), extents.end()));
    if (x.is_static() && result == x.shape()) return x;
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
                           {DType::kInt64, {kDynamic}});
}

Value Dim(Value x, std::int64_t axis) {
  axis = Axis("Shape", x, axis);
  Graph& graph = x.graph();
  if (x.dim(axis) != kDynamic) return Int64s(graph, {x.dim(axis)});
  Node node;
  node.op = "Shape";
  const Value shape = graph.Add(std::move(node), {x}, {DType::kInt64, {x.rank()}});
  return Slice(shape, 0, axis, axis + 1);
}

Value NonMaxSuppression(Value boxes, Value scores, Value max_per_class, Value iou, Value score) {
  Node node;
  node.op = "NonMaxSuppression";
  return boxes.graph().Add(std::move(node), {boxes, scores, max_per_class, iou, score},
                           {DType::kInt64, {kDynamic, 3}});
}

std::vector<Value> CustomOp(std::string domain, std::string op, const std::vector<Value>& inputs,
                            std::map<std::string, Attribute> attributes,
                            std::vector<ResultType> results) {
  Node node;
  node.op = std::move(op);
  node.domain = std::move(domain);
  node.attributes = std::move(attributes);
  return inputs.front().graph().AddMany(std::move(node), inputs, std::move(results));
}

Value ScalarLike(Value x, double value) {
  const Tensor scalar = Tensor::Scalar<double>(value).To(x.dtype());
  return x.graph().Constant(scalar);
}

Value Int64s(Graph& graph, std::vector<std::int64_t> values) {
  const auto size = static_cast<std::int64_t>(values.size());
  return graph.Constant(Tensor::Of<std::int64_t>({size}, std::move(values)));
}

Value Floats(Graph& graph, Shape shape, std::vector<float> values) {
  return graph.Constant(Tensor::Of<float>(std::move(shape), std::move(values)));
}

}  // namespace yoloport::graph
