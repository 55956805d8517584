// Graph to ONNX protobuf messages, without large weights.
#pragma once

// The generated header depends on these two; the ONNX project's own build defines them the same
// way.
#include <onnx/onnx_pb.h>

#include "graph/graph.h"
#include "tensor/tensor.h"

namespace yoloport {

// Whether a constant is part of the message: those that are computed when they are written, the
// weights, stand behind it. Size does not matter, so that another --keep-topk moves nothing.
bool IsInline(const graph::Graph::ValueData& constant);

onnx::TensorProto_DataType OnnxType(DType dtype);

// Nodes, inputs, outputs and the inline constants of `graph`.
onnx::GraphProto ToProto(const graph::Graph& graph, const std::string& name);

// Type and shape of a value, for inputs and outputs.
onnx::ValueInfoProto TypeProto(const graph::Graph::ValueData& value);

// The version of the file format that goes with an opset.
int IrVersion(int opset);

// Name, type and shape of a tensor, without elements.
onnx::TensorProto TensorHeader(const graph::Graph::ValueData& constant);

}  // namespace yoloport
