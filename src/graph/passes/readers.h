// Who reads what: what several passes need.
#pragma once

#include <unordered_map>
#include <unordered_set>

#include "graph/graph.h"

namespace yoloport::graph::passes {

using Replacements = std::unordered_map<int, int>;  // of values, by id

// Reads of each value, by id: each input of a node counts, what graphs within it capture and
// outputs of the graph, too.
std::unordered_map<int, int> CountReaders(const Graph& graph);

// Values that are read by name, so that no other value can replace them: outputs of the graph, and
// what graphs within nodes capture.
std::unordered_set<int> FixedValues(const Graph& graph);

void ReplaceInputs(Node& node, const Replacements& replaced);

}  // namespace yoloport::graph::passes
