// Replacing nodes and constants by others: what several passes need.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "graph/graph.h"

namespace yoloport::graph::passes {

// The scope in which a node was named: `a.b` for `a.b/Mul`, and for the convolutions `a.b.conv` and
// `a.b.conv.0`.
std::string ScopeOf(std::string_view name);

// Adds a node with the operator and attributes of `node`, named `name` or else after the current
// scope. Its one result has the element type of that of `node`.
Value AddLike(Graph& graph, const Node& node, const std::vector<Value>& inputs, tensor::Shape shape,
              std::string name = {});

// For each id of a constant, the constants that replace it.
using Placed = std::unordered_map<int, std::vector<int>>;

// Moves constants, which decides where a file has them, to where the one they replace stood. That
// one goes unless it is among them.
void PlaceConstants(Graph& graph, const Placed& placed);

}  // namespace yoloport::graph::passes
