#include "graph/ops.h"

#include "base/text.h"
#include "graph/fold.h"
#include "graph/ops_checks.h"

namespace yoloport::graph {
namespace {

using tensor::DType;
using tensor::Shape;
using tensor::Tensor;

void RequireImages(std::string_view op, Value x) {
  if (x.rank() != 4) Fail(op, x, "expected N x C x H x W");
}

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
  const int opset = x.graph().opset();
  if (opset >= (op == "ReduceSum" ? 13 : 18) && op != "ArgMax") {
    inputs.push_back(Int64s(x.graph(), {axis}));
  } else if (op == "ArgMax") {
    node.attributes["axis"] = axis;
    if (opset >= 12) node.attributes["select_last_index"] = std::int64_t{0};
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
         "a weight of shape " + base::ShapeText(w) + " in " + std::to_string(spec.groups) +
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
    Fail("ConvTranspose", x, "a weight of shape " + base::ShapeText(w) + " does not fit");
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
  node.attributes["pads"] = std::vector<std::int64_t>(4, 0);
  node.attributes["dilations"] = std::vector<std::int64_t>(2, 1);
  node.attributes["group"] = std::int64_t{1};
  std::vector<Value> inputs = {x, weight};
  if (bias) inputs.push_back(bias);
  return x.graph().Add(std::move(node), inputs, {x.dtype(), shape});
}

Value MaxPool(Value x, std::int64_t kernel, std::int64_t stride, std::int64_t padding) {
  RequireImages("MaxPool", x);
  Shape shape = x.shape();
  for (const std::size_t axis : {2, 3})
    shape[axis] = WindowExtent(shape[axis], kernel, stride, padding, 1);
  Node node;
  node.op = "MaxPool";
  node.attributes["kernel_shape"] = std::vector<std::int64_t>{kernel, kernel};
  node.attributes["strides"] = std::vector<std::int64_t>{stride, stride};
  node.attributes["pads"] = std::vector<std::int64_t>(4, padding);
  node.attributes["ceil_mode"] = std::int64_t{0};
  return x.graph().Add(std::move(node), {x}, {x.dtype(), shape});
}

Value GlobalAveragePool(Value x) {
  RequireImages("GlobalAveragePool", x);
  Node node;
  node.op = "GlobalAveragePool";
  return x.graph().Add(std::move(node), {x}, {x.dtype(), {x.dim(0), x.dim(1), 1, 1}});
}

Value GlobalMaxPool(Value x) {
  RequireImages("GlobalMaxPool", x);
  Node node;
  node.op = "GlobalMaxPool";
  return x.graph().Add(std::move(node), {x}, {x.dtype(), {x.dim(0), x.dim(1), 1, 1}});
}

Value AveragePool(Value x, std::int64_t kernel, std::int64_t stride) {
  RequireImages("AveragePool", x);
  if (kernel == 1 && stride == 1) return x;
  Shape shape = x.shape();
  for (const std::size_t axis : {2, 3}) {
    std::int64_t& extent = shape[axis];
    if (extent == kDynamic) continue;
    extent = (extent - kernel + stride - 1) / stride + 1;
    if ((extent - 1) * stride >= x.shape()[axis]) --extent;  // a window must begin within the axis
  }
  Node node;
  node.op = "AveragePool";
  node.attributes["kernel_shape"] = std::vector<std::int64_t>{kernel, kernel};
  node.attributes["strides"] = std::vector<std::int64_t>{stride, stride};
  node.attributes["pads"] = std::vector<std::int64_t>(4, 0);
  node.attributes["ceil_mode"] = std::int64_t{1};
  node.attributes["count_include_pad"] = std::int64_t{0};
  return x.graph().Add(std::move(node), {x}, {x.dtype(), shape});
}

Value InstanceNormalization(Value x, Value scale, Value bias, float eps) {
  if (x.rank() < 3) Fail("InstanceNormalization", x, "expected N x C and one axis more at least");
  const Shape channels = {x.dim(1)};
  if (scale.shape() != channels || bias.shape() != channels) {
    Fail("InstanceNormalization", x,
         "a scale of shape " + base::ShapeText(scale.shape()) + " does not fit");
  }
  Node node;
  node.op = "InstanceNormalization";
  node.attributes["epsilon"] = eps;
  return x.graph().Add(std::move(node), {x, scale, bias}, {x.dtype(), x.shape()});
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
  node.attributes["cubic_coeff_a"] = -0.75F;  // not used in this mode
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
  if (a.dtype() != b.dtype()) Fail("Where", a, "element types differ");
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
Value Elu(Value x, float alpha) { return Unary("Elu", x, {{"alpha", alpha}}); }
Value PRelu(Value x, Value slope) {
  if (slope.dtype() != x.dtype() || BroadcastShape(x.shape(), slope.shape()) != x.shape()) {
    Fail("PRelu", x, "slopes of shape " + base::ShapeText(slope.shape()) + " do not fit");
  }
  Node node;
  node.op = "PRelu";
  return x.graph().Add(std::move(node), {x, slope}, {x.dtype(), x.shape()});
}
Value Sigmoid(Value x) { return Unary("Sigmoid", x); }
Value HardSigmoid(Value x, float alpha, float beta) {
  std::map<std::string, Attribute> attributes = {{"alpha", alpha}};
  constexpr float kDefaultBeta = 0.5F;
  if (beta != kDefaultBeta) attributes["beta"] = beta;
  return Unary("HardSigmoid", x, std::move(attributes));
}
Value Tanh(Value x) { return Unary("Tanh", x); }
Value Exp(Value x) { return Unary("Exp", x); }
Value Erf(Value x) { return Unary("Erf", x); }
Value Softplus(Value x) { return Unary("Softplus", x); }
Value Sqrt(Value x) { return Unary("Sqrt", x); }
Value Pow(Value x, double exponent) {
  Node node;
  node.op = "Pow";
  return x.graph().Add(std::move(node), {x, ScalarLike(x, exponent)}, {x.dtype(), x.shape()});
}
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

Value MatMul(Value a, Value b) {
  if (a.dtype() != b.dtype()) Fail("MatMul", a, "element types differ");
  if (a.rank() < 2 || b.rank() < 2) Fail("MatMul", a, "expected matrices");
  if (a.dim(-1) != kDynamic && b.dim(-2) != kDynamic && a.dim(-1) != b.dim(-2)) {
    Fail("MatMul", a, "cannot be multiplied by " + base::ShapeText(b.shape()));
  }
  Shape shape = BroadcastShape(Shape(a.shape().begin(), a.shape().end() - 2),
                               Shape(b.shape().begin(), b.shape().end() - 2));
  shape.push_back(a.dim(-2));
  shape.push_back(b.dim(-1));
  Node node;
  node.op = "MatMul";
  return a.graph().Add(std::move(node), {a, b}, {a.dtype(), shape});
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
Value ReduceMean(Value x, std::int64_t axis, bool keep) {
  return Reduce("ReduceMean", x, axis, keep);
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
