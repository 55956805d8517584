// The graph of an exported file without the file, for tests.
#pragma once

#include <memory>

#include "graph/graph.h"
#include "yoloport/export.h"

namespace yoloport::exporting {

// What Export() writes for `options`, whose output does not matter.
std::unique_ptr<graph::Graph> ExportGraph(const ExportOptions& options);

}  // namespace yoloport::exporting
