// The parts of a graph as the bytes of ONNX's messages, without the elements of large weights.
// Fields come in the order of their numbers, as libprotobuf writes them.
#pragma once

#include <string>

#include "graph/graph.h"
#include "onnx/write/writer.h"

namespace yoloport::onnx::write {

// The fields of ModelProto before the graph.
std::string EncodeModelStart(const graph::Graph& graph, const OnnxHeader& header);

// A field `metadata_props` of ModelProto.
std::string EncodeMetadata(const std::string& key, const std::string& value);

// Fields of GraphProto: the nodes; then inputs, outputs, and the types of results that no reader
// could infer - those of operators that ONNX does not know, and those whose dynamic extents are
// known by name - or that the file stated which was read.
std::string EncodeNodes(const graph::Graph& graph);
std::string EncodeTypes(const graph::Graph& graph);

// GraphProto with the constants that are held in memory, and the others as inputs: for libonnx,
// which looks at types.
std::string EncodeWithoutWeights(const graph::Graph& graph);

// ValueInfoProto: name, type and shape.
std::string EncodeValue(const graph::Graph::ValueData& value);

// TensorProto: name, type and shape of a constant or of an input's default, without elements.
std::string EncodeTensorHeader(const graph::Graph::ValueData& value);

}  // namespace yoloport::onnx::write
