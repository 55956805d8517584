// Types of a graph's values by the ONNX project's own shape inference.
#pragma once

#include "graph/graph.h"

namespace yoloport::onnx::write {

// Gives the values of a graph that was read the element types, shapes and extents that the file
// does not state and libonnx infers of the others'. Operators that it does not know, and what lies
// behind them, stay without: so do all of a graph that libonnx finds wrong, or that it must not be
// asked about since it divides by numbers that the file states.
void InferTypes(graph::Graph& graph);

}  // namespace yoloport::onnx::write
