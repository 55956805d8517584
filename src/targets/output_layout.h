// Whose program is to read the detections of an exported file: the values of --layout, and what
// each asks of the graph. docs/layouts.md describes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contract/model_card.h"
#include "graph/graph.h"
#include "targets/network_input.h"
#include "targets/target.h"
#include "tasks/detect/nodes/nms.h"
#include "yoloport/export.h"
#include "yoloport/types.h"

namespace yoloport::targets {

// Throws UsageError that lists the names.
contract::OutputLayout FindLayout(const std::string& name);

// Throws UsageError where the layout does not go with the other options.
void CheckLayout(contract::OutputLayout layout, const Target& target, const ExportOptions& options);

// How the program that a file of `layout` is for prepares images, where it has a way of its own;
// else `preprocess`. What it does differently from the preprocessing is added to `notes`.
Preprocess RunnersPreprocess(contract::OutputLayout layout, const Preprocess& preprocess,
                             std::vector<std::string>& notes);

// The pixels that this program gives where it cannot normalise them as `preprocess` says.
std::optional<GivenPixels> RunnersPixels(contract::OutputLayout layout,
                                         const Preprocess& preprocess);

// Makes `detections` the outputs of `graph`.
void AddDetections(graph::Graph& graph, const tasks::detect::nodes::Detections& detections,
                   contract::OutputLayout layout);

}  // namespace yoloport::targets
