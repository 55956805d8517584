#include "finish/network_input.h"

#include <algorithm>

#include "graph/passes/fold_normalization.h"
#include "yoloport/error.h"

namespace yoloport::finish {
namespace {

bool IsCaptured(const graph::Graph& graph, int id) {
  return std::any_of(graph.nodes().begin(), graph.nodes().end(), [&](const graph::Node& node) {
    return std::count(node.captured.begin(), node.captured.end(), id) > 0;
  });
}

}  // namespace

targets::NetworkInput ReplaceInput(graph::Graph& graph, int image, const ExportOptions& options,
                                   const Preprocess& preprocess,
                                   std::optional<targets::GivenPixels> given,
                                   const std::string& name) {
  if (!graph.FreeName("images")) {
    throw ModelError(name +
                     ": a graph within a node reads a value called 'images', which is to be "
                     "the input's name");
  }
  graph.mutable_inputs().clear();
  std::vector<graph::Node>& nodes = graph.mutable_nodes();
  const auto count = static_cast<std::ptrdiff_t>(nodes.size());
  targets::NetworkInput input = targets::AddInput(graph, options, preprocess, given);
  if (IsCaptured(graph, image)) {
    // Graphs within nodes read it by its name, so that it has to stay.
    graph::Node copy;
    copy.op = "Identity";
    copy.name = graph.UniqueName("images/Identity");
    copy.inputs = {input.image.id()};
    copy.outputs = {image};
    graph.AddNode(std::move(copy));
  } else {
    for (auto node = nodes.begin(); node != nodes.begin() + count; ++node) {
      std::replace(node->inputs.begin(), node->inputs.end(), image, input.image.id());
    }
  }
  std::rotate(nodes.begin(), nodes.begin() + count, nodes.end());
  graph::passes::FoldNormalization(graph, input.normalization);
  return input;
}

}  // namespace yoloport::finish
