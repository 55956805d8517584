// The thresholds of post-processing in a graph that yoloport wrote. They stand in few places, which
// are found by the names that the exporter gives them.
#pragma once

#include <cstdint>
#include <optional>

#include "graph/graph.h"

namespace yoloport {

struct ThresholdChanges {
  std::optional<double> score;
  std::optional<double> iou;
  std::optional<std::int64_t> keep_topk;
  std::int64_t pre_topk = 1;  // of the file, unchanged
};

// Which of them a graph has.
struct FoundThresholds {
  bool score = false;
  bool iou = false;
  bool keep_topk = false;
};

// Changes constants, defaults of optional inputs, attributes of TensorRT's plugins, and what the
// graph states of the number of rows that follow from them. Throws UsageError for a keep_topk that
// a plugin in the graph does not take, ModelError for a tensor of a batch that yoloport never
// writes.
FoundThresholds ChangeThresholds(graph::Graph& graph, const ThresholdChanges& changes);

}  // namespace yoloport
