// The raw outputs of a file as the levels of a head, in its graph.
#pragma once

#include <vector>

#include "contract/raw_head.h"
#include "graph/graph.h"
#include "graph/head.h"

namespace yoloport::finish {

// Extents that whoever runs the file chooses.
struct OpenExtents {
  std::int64_t batch = 1;  // graph::kDynamic: any
  bool size = false;       // height and width
};

// The head of type `type` whose parts `fit` finds among `outputs` (ids of maps of floats), with
// positions laid out as `layout`. Maps that were only joined or turned for the output are taken as
// they were before.
graph::HeadOutput HeadOf(graph::Graph& graph, const contract::RawHeadFit& fit,
                         const std::vector<int>& outputs, const std::string& type,
                         const OpenExtents& open, graph::HeadLayout layout);

}  // namespace yoloport::finish
