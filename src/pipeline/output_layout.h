// Whose program is to read the detections of an exported file: the values of --layout, and what
// each asks of the graph. docs/layouts.md describes them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "contract/model_card.h"
#include "graph/graph.h"
#include "pipeline/export_backend.h"
#include "pipeline/network_input.h"
#include "postprocess/nms.h"
#include "yoloport/export.h"
#include "yoloport/types.h"

namespace yoloport {

// Throws UsageError that lists the names.
contract::OutputLayout FindLayout(const std::string& name);

// Throws UsageError where the layout does not go with the other options.
void CheckLayout(contract::OutputLayout layout, const ExportBackend& backend,
                 const ExportOptions& options);

// How the program that a file of `layout` is for prepares images, where it has a way of its own;
// else `recipe`. What it does differently from the recipe is added to `notes`.
ImageRecipe RunnersRecipe(contract::OutputLayout layout, const ImageRecipe& recipe,
                          std::vector<std::string>& notes);

// The pixels that this program gives where it cannot normalise them as `recipe` says.
std::optional<GivenPixels> RunnersPixels(contract::OutputLayout layout, const ImageRecipe& recipe);

// Makes `detections` the outputs of `graph`.
void AddDetections(graph::Graph& graph, const Detections& detections,
                   contract::OutputLayout layout);

}  // namespace yoloport
