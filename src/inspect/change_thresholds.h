// The thresholds of post-processing in a graph that yoloport wrote. They stand in few places, which
// are found by the names that the exporter gives them.
#pragma once

#include <cstdint>
#include <string>

#include "graph/graph.h"
#include "yoloport/set.h"

namespace yoloport::inspect {

// Changes constants, defaults of optional inputs, attributes of TensorRT's plugins, and what the
// graph states of the number of rows that follow from them. `pre_topk` is that of the graph. Gives
// what is to be changed and does not stand in the graph, or "". Throws UsageError for a keep-topk
// that a plugin in the graph does not take, ModelError for a tensor of a batch that yoloport never
// writes.
std::string ChangeThresholds(graph::Graph& graph, const SetOptions& changes, std::int64_t pre_topk);

}  // namespace yoloport::inspect
