// How the graph of an exported file ends for its target.
#pragma once

#include "contract/model_card.h"
#include "graph/graph.h"
#include "graph/head.h"
#include "targets/target.h"
#include "yoloport/export.h"

namespace yoloport::targets {

// Ends `graph` with the raw heads or with post-processing. Throws UsageError where the network has
// more anchors than the target can rank.
void AddOutputs(graph::Graph& graph, const graph::HeadOutput& network, const Target& target,
                const ExportOptions& options, contract::OutputLayout layout,
                const contract::NmsPolicy& policy);

}  // namespace yoloport::targets
