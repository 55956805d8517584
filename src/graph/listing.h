// A graph as text, for tests: a change to a graph is a difference of lines.
#pragma once

#include <string>

namespace yoloport::graph {

class Graph;

// The opset, the inputs, one line a node in the graph's order, the outputs:
//
//   opset 11
//   input images: float32[batch,3,64,64]
//   y: float32[batch,8,64,64] = Conv(images, .weight:float32[8,3,1,1]) group=1 ...
//   z: float32[batch,8,64,64] = Mul(y, 0.5)
//   output z: float32[batch,8,64,64]
//
// An operand is the name of a value, `-` for an optional input left out, or a constant:
// - Weights of convolutions and lazy tensors: name and type only, so that a listing does not depend
//   on training. A name that starts with the node's name is shown without it.
// - Other constants of up to 36 elements: their elements, in one pair of brackets per axis. Types
//   other than int64 and float32 are named: int32([0,1]).
// - Larger ones: type and the first digits of the elements' SHA-256, float32[1,84,2]#f9b64e0d.
// Constants that were given a name start with it: nms/keep_topk:[100].
std::string Listing(const Graph& graph);

}  // namespace yoloport::graph
