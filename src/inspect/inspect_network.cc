#include "inspect/inspect_network.h"

#include <fmt/format.h>

#include "base/text.h"
#include "checkpoint/module_tree.h"
#include "checkpoint/weights.h"
#include "graph/graph.h"
#include "sources/registry/registry.h"
#include "yoloport/error.h"

namespace yoloport::inspect {

namespace {

void Open(const checkpoint::Checkpoint& checkpoint, WholeNetwork& network) {
  ExportOptions options;
  options.checkpoint = checkpoint.path();
  std::vector<std::string> notes;
  const auto source = sources::registry::OpenSource(options, checkpoint, notes);
  network.detector = source->Detector();
  network.stride = source->LargestStride();
  network.suppresses = source->DefaultSelection().suppresses;
  const sources::InputSize size = source->TestSize(false).value_or(sources::InputSize());
  network.height = size.height;
  network.width = size.width;
  const Preprocess preprocess =
      source->PreprocessFor({static_cast<int>(size.height), static_cast<int>(size.width)})
          .preprocess;
  graph::Graph graph(ExportOptions().opset);
  const graph::Value image = graph.Input("images", tensor::DType::kFloat32,
                                         {1, preprocess.channels, size.height, size.width});
  const checkpoint::Weights weights(checkpoint);
  const graph::HeadOutput output = source->Build(weights, image, graph::kRawHead);
  weights.Finish();
  network.num_classes = output.head.spec.num_classes;
  network.classes = source->ClassNames(static_cast<std::size_t>(network.num_classes));
}

}  // namespace

WholeNetwork InspectNetwork(const checkpoint::Checkpoint& checkpoint) {
  WholeNetwork network;
  if (checkpoint.modules() != nullptr) {
    network.class_name = std::string(checkpoint.modules()->root.class_name());
  }
  try {
    Open(checkpoint, network);
  } catch (const Error& error) {
    network.problem = error.message();
    const std::string file = base::Quote(checkpoint.path().native()) + ": ";
    if (network.problem.starts_with(file)) network.problem.erase(0, file.size());
  }
  return network;
}

std::vector<std::pair<std::string, std::string>> NetworkLines(const WholeNetwork& network) {
  std::vector<std::pair<std::string, std::string>> lines;
  if (!network.class_name.empty()) {
    const std::string name = base::Quote(network.class_name, 200);
    lines.emplace_back("network", name.substr(1, name.size() - 2) + " (the whole module)");
  }
  if (!network.problem.empty()) {
    lines.emplace_back("export", "not possible: " + network.problem);
    return lines;
  }
  lines.emplace_back("task", "detection");
  lines.emplace_back("detector", network.detector);
  lines.emplace_back("input", fmt::format("{} x {} (height, width), sides multiples of {}",
                                          network.height, network.width, network.stride));
  lines.emplace_back("suppression", network.suppresses
                                        ? "one class a box"
                                        : "none: the network gives one box an object");
  if (network.classes.empty()) {
    lines.emplace_back("classes", fmt::format("{}, without names", network.num_classes));
  }
  lines.emplace_back("export", "yoloport export FILE, without a config");
  return lines;
}

nlohmann::ordered_json NetworkJson(const WholeNetwork& network) {
  nlohmann::ordered_json json;
  json["class"] = network.class_name;
  json["detector"] = network.detector;
  json["num_classes"] = network.num_classes;
  json["classes"] = network.classes;
  json["height"] = network.height;
  json["width"] = network.width;
  json["stride"] = network.stride;
  json["suppresses"] = network.suppresses;
  json["problem"] = network.problem;
  return json;
}

}  // namespace yoloport::inspect
