// Who reads what: what several passes need.
#pragma once

#include <unordered_map>

#include "graph/graph.h"

namespace yoloport::graph {

using Replacements = std::unordered_map<int, int>;  // of values, by id

// Reads of each value, by id: each input of a node counts, what graphs within it capture and
// outputs of the graph, too.
std::unordered_map<int, int> CountReaders(const Graph& graph);

void ReplaceInputs(Node& node, const Replacements& replaced);

}  // namespace yoloport::graph
