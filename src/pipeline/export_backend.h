// Who is to run or compile an exported file: the values of --backend, by easydeploy's names, and
// how the graph ends for each. docs/backends.md says what comes out.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "contract/model_card.h"
#include "graph/graph.h"
#include "models/model.h"
#include "postprocess/nms.h"
#include "yoloport/export.h"

namespace yoloport {

struct ExportBackend {
  std::string_view name;
  std::optional<NmsOperator> nms;  // none: every file ends with the raw heads
  bool channels_last;              // raw heads are N x H x W x C
  // How the runtime would rather have what is decoded.
  graph::HeadLayout layout = graph::HeadLayout::kPositionsLast;
};

// Upper and lower case are the same. Throws UsageError that lists the names.
const ExportBackend& FindExportBackend(std::string_view name);

// Throws UsageError where `options`, those of one end-to-end file, ask for what the backend's
// operators cannot do.
void CheckBackendOptions(const ExportBackend& backend, const ExportOptions& options);

// What the user should know of the backend with these options.
std::vector<std::string> BackendNotes(const ExportBackend& backend, const ExportOptions& options);

// Ends `graph` with the raw heads or with post-processing. Throws UsageError where the network has
// more anchors than the backend can rank.
void AddBackendOutputs(graph::Graph& graph, const HeadOutput& network, const ExportBackend& backend,
                       const ExportOptions& options, contract::OutputLayout layout,
                       const contract::NmsPolicy& policy);

}  // namespace yoloport
