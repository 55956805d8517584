#include "targets/outputs.h"

#include <fmt/format.h>

#include <algorithm>

#include "graph/ops.h"
#include "targets/network_input.h"
#include "targets/output_layout.h"

namespace yoloport::targets {
namespace {

// "height/8" for a dynamic height that is divided by the stride 8.
std::string LevelDim(const char* side, double stride) {
  return fmt::format("{}/{}", side, static_cast<int>(stride));
}

void AddRawHeads(graph::Graph& graph, const graph::HeadOutput& network, const Target& target) {
  for (std::size_t i = 0; i < network.raw.size(); ++i) {
    const auto [x, y] = network.head.spec.levels[i].stride;
    std::vector<std::string> dims = {kBatchDim, "", LevelDim(kHeightDim, y),
                                     LevelDim(kWidthDim, x)};
    graph::Value raw = network.raw[i];
    if (target.channels_last) {
      raw = graph::Transpose(raw, {0, 2, 3, 1});
      std::rotate(dims.begin() + 1, dims.begin() + 2, dims.end());
    }
    graph.Output(raw, "output" + std::to_string(i), std::move(dims));
  }
}

}  // namespace

void AddOutputs(graph::Graph& graph, const graph::HeadOutput& network, const Target& target,
                const ExportOptions& options, contract::OutputLayout layout,
                const contract::NmsPolicy& policy) {
  if (options.model_only) {
    AddRawHeads(graph, network, target);
    return;
  }
  if (target.check_head != nullptr) target.check_head(options, network.head);
  const tasks::detect::nodes::Detections detections = tasks::detect::nodes::PostProcess(
      network.head, *target.nms, policy,
      {.thresholds = options.runtime_thresholds, .min_box = HasMinBoxInput(target, options)});
  AddDetections(graph, detections, layout);
}

}  // namespace yoloport::targets
