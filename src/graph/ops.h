// ONNX operators as functions on values, named as in the ONNX operator list.
//
// Each infers the type and shape of its result and adds one node - or none, where all inputs are
// constants (the result is computed), or where the operator would change nothing. Every node is
// valid in each opset from 11 to 23. Wrong ranks or shapes are mistakes of the caller: they throw
// ModelError with the shapes.
//
// A node states the attributes that torch's exporter states for the same operator, neither more nor
// fewer, also where they have ONNX's default values. Files of torch are what other programs are
// tested with, and some read an attribute that is missing or that torch never writes as something
// else: OpenCV takes any product with a HardSigmoid that states beta=0.5 for HardSwish.
// testdata/graph/torch_attributes.txt lists them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "graph/graph.h"

namespace yoloport::graph {

// --- convolution, pooling, resizing: N x C x H x W ---

struct ConvSpec {
  std::int64_t stride = 1;
  std::int64_t padding = 0;  // the same on all four sides
  std::int64_t dilation = 1;
  std::int64_t groups = 1;
};

// weight: out x in/groups x kH x kW; bias: out, or no value.
Value Conv(Value x, Value weight, Value bias, const ConvSpec& spec, std::string name = {});
// "Deconvolution" without padding, each side grown to (extent - 1) * stride + kernel.
// weight: in x out x kH x kW; bias: out, or no value.
Value ConvTranspose(Value x, Value weight, Value bias, std::int64_t stride, std::string name = {});
Value MaxPool(Value x, std::int64_t kernel, std::int64_t stride, std::int64_t padding);
Value GlobalAveragePool(Value x);
Value GlobalMaxPool(Value x);
// Without padding. The last window of an axis may reach beyond it, and is then the mean of what is
// there.
Value AveragePool(Value x, std::int64_t kernel, std::int64_t stride);
// Each channel less its mean, divided by its deviation, times `scale`, plus `bias` (C long both).
// x: N x C and one axis more at least.
Value InstanceNormalization(Value x, Value scale, Value bias, float eps);
// Nearest neighbour; an integer factor on height and width.
Value Upsample(Value x, std::int64_t factor);

// --- elementwise, with numpy's broadcasting ---

Value Add(Value a, Value b);
Value Sub(Value a, Value b);
Value Mul(Value a, Value b);
Value Div(Value a, Value b);  // integers: truncates
Value Max(Value a, Value b);
Value Min(Value a, Value b);
Value Greater(Value a, Value b);  // bool
Value Equal(Value a, Value b);    // bool
Value Where(Value condition, Value a, Value b);

Value Abs(Value x);
Value Relu(Value x);
Value ThresholdedRelu(Value x, float threshold);  // x where it is greater, else 0, as for NaN
Value LeakyRelu(Value x, float slope);
Value Elu(Value x, float alpha);    // alpha * (exp(x) - 1) below 0
Value PRelu(Value x, Value slope);  // slope * x below 0; its shape is broadcast to x's
Value Sigmoid(Value x);
Value HardSigmoid(Value x, float alpha, float beta);  // max(0, min(1, alpha * x + beta))
Value Tanh(Value x);
Value Exp(Value x);
Value Log(Value x);
Value Softplus(Value x);
Value Sqrt(Value x);
Value Pow(Value x, double exponent);
Value Erf(Value x);
Value Softmax(Value x);  // over the last axis
Value Clip(Value x, float low, float high);
Value Cast(Value x, tensor::DType dtype);

// --- matrices ---

// The products of the matrices in the last two axes; the axes before them are broadcast.
Value MatMul(Value a, Value b);

// --- reductions ---

Value ReduceMax(Value x, std::int64_t axis, bool keep = false);
Value ReduceMin(Value x, std::int64_t axis, bool keep = false);
Value ReduceSum(Value x, std::int64_t axis, bool keep = false);
Value ReduceMean(Value x, std::int64_t axis, bool keep = false);
Value ArgMax(Value x, std::int64_t axis, bool keep = false);  // int64; the first of equals
// Largest first, equals in order of position. `k` is an int64 constant of one element or computed.
// Sorts along `axis`. Gives values and int64 indices.
std::pair<Value, Value> TopK(Value x, Value k, std::int64_t axis);

// --- shapes and layout ---

Value Concat(const std::vector<Value>& parts, std::int64_t axis);
// As numpy's reshape: one extent may be -1, and 0 keeps the input's extent there.
Value Reshape(Value x, const tensor::Shape& shape);
Value Reshape(Value x, Value shape);
// `y` with the extents of `x`, a map N x C x H x W, of as many elements.
Value ReshapeLike(Value y, Value x);
Value Transpose(Value x, const std::vector<std::int64_t>& order);
// Along an axis whose extent is known and the sum of `sizes`.
std::vector<Value> Split(Value x, std::int64_t axis, const std::vector<std::int64_t>& sizes);
Value Slice(Value x, std::int64_t axis, std::int64_t begin, std::int64_t end,
            std::int64_t step = 1);
// Zeros behind the last of each axis: as many as `ends` says.
Value PadEnds(Value x, const std::vector<std::int64_t>& ends);
Value Expand(Value x, Value shape);
Value Gather(Value x, Value indices, std::int64_t axis);
Value GatherElements(Value x, Value indices, std::int64_t axis);
Value Range(Value begin, Value end, Value step);
// The extent of an axis as an int64 tensor of one element; a constant where it is known.
Value Dim(Value x, std::int64_t axis);

// --- detection ---

// boxes: N x K x 4 (x1 y1 x2 y2), scores: N x C x K; `max_per_class`, thresholds: tensors of one
// element. int64, M x 3: image, class, box of each selected box, M known only when run.
Value NonMaxSuppression(Value boxes, Value scores, Value max_per_class, Value iou, Value score);

// An operator outside ONNX's own domain.
std::vector<Value> CustomOp(std::string domain, std::string op, const std::vector<Value>& inputs,
                            std::map<std::string, Attribute> attributes,
                            std::vector<ResultType> results);

// --- constants and operators for readable formulas ---

// Constants like `x`: a scalar of x's element type in x's graph.
Value ScalarLike(Value x, double value);
// int64 constant of rank 1.
Value Int64s(Graph& graph, std::vector<std::int64_t> values);
Value Floats(Graph& graph, tensor::Shape shape, std::vector<float> values);

inline Value operator+(Value a, Value b) { return Add(a, b); }
inline Value operator-(Value a, Value b) { return Sub(a, b); }
inline Value operator*(Value a, Value b) { return Mul(a, b); }
inline Value operator/(Value a, Value b) { return Div(a, b); }
inline Value operator+(Value a, double b) { return Add(a, ScalarLike(a, b)); }
inline Value operator-(Value a, double b) { return Sub(a, ScalarLike(a, b)); }
inline Value operator*(Value a, double b) { return Mul(a, ScalarLike(a, b)); }
inline Value operator/(Value a, double b) { return Div(a, ScalarLike(a, b)); }

}  // namespace yoloport::graph
