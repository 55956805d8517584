// Graph to ONNX protobuf messages, without large weights.
#pragma once

// The generated header depends on these two; the ONNX project's own build defines them the same
// way.
#include <onnx/onnx_pb.h>

#include "graph/graph.h"
#include "tensor/tensor.h"

namespace yoloport {

// Constants of at most this many elements are part of the message; larger ones are written behind
// it.
inline constexpr std::int64_t kLargestInlineConstant = 256;

bool IsInline(const graph::Graph::ValueData& constant);

onnx::TensorProto_DataType OnnxType(DType dtype);

// Nodes, inputs, outputs and the inline constants of `graph`, and the types of what operators
// outside ONNX's own domain give.
onnx::GraphProto ToProto(const graph::Graph& graph, const std::string& name);

// Type and shape of a value, for inputs and outputs.
onnx::ValueInfoProto TypeProto(const graph::Graph::ValueData& value);

// The version of the file format that goes with an opset.
int IrVersion(int opset);

// Name, type and shape of a tensor, without elements.
onnx::TensorProto TensorHeader(const graph::Graph::ValueData& constant);

}  // namespace yoloport
