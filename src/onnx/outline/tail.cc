#include "onnx/outline/tail.h"

#include <map>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/wire.h"

namespace yoloport::onnx::outline {
namespace {

using wire::Field;

struct Node {
  std::string_view type;
  std::vector<std::string_view> inputs;
};

struct Graph {
  std::vector<Node> nodes;
  std::map<std::string_view, std::size_t> makers;  // of values; ordered: names are others'
  std::vector<std::string_view> outputs;
};

void AddNode(std::string_view message, Graph& graph) {
  Node node;
  wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::node_proto::kInput)) node.inputs.push_back(field.bytes);
    if (field.IsMessage(wire::node_proto::kOutput)) {
      graph.makers.emplace(field.bytes, graph.nodes.size());
    }
    if (field.IsMessage(wire::node_proto::kType)) node.type = field.bytes;
  });
  graph.nodes.push_back(std::move(node));
}

Graph ReadGraph(std::string_view model) {
  Graph graph;
  wire::ForEachField(model, [&](const Field& part) {
    if (!part.IsMessage(wire::model_proto::kGraph)) return;
    wire::ForEachField(part.bytes, [&](const Field& field) {
      if (field.IsMessage(wire::graph_proto::kNode)) AddNode(field.bytes, graph);
      if (!field.IsMessage(wire::graph_proto::kOutput)) return;
      wire::ForEachField(field.bytes, [&](const Field& value) {
        if (value.IsMessage(wire::value_proto::kName)) graph.outputs.push_back(value.bytes);
      });
    });
  });
  return graph;
}

// "Concat(Conv,Sigmoid)"; "" where there are many.
std::string TypeWithMakers(const Graph& graph, const Node& node) {
  constexpr std::size_t kMostInputs = 4;
  if (node.inputs.size() > kMostInputs) return "";
  std::string type = std::string(node.type) + "(";
  for (const std::string_view input : node.inputs) {
    const auto maker = graph.makers.find(input);
    if (type.back() != '(') type += ',';
    type += maker == graph.makers.end() ? "" : graph.nodes[maker->second].type;
  }
  return type + ")";
}

}  // namespace

std::set<std::string> OperatorsAfterConvolutions(const base::MappedFile& file) {
  const Graph graph = ReadGraph(file.text());
  std::set<std::string> operators;
  std::vector<bool> is_seen(graph.nodes.size(), false);
  std::vector<std::string_view> wanted = graph.outputs;
  while (!wanted.empty()) {
    const auto maker = graph.makers.find(wanted.back());
    wanted.pop_back();
    if (maker == graph.makers.end() || is_seen[maker->second]) continue;
    is_seen[maker->second] = true;
    const Node& node = graph.nodes[maker->second];
    if (node.type == "Conv" || node.type == "QLinearConv" || node.type == "ConvInteger") continue;
    operators.emplace(node.type);
    if (node.type == "Concat") operators.insert(TypeWithMakers(graph, node));
    wanted.insert(wanted.end(), node.inputs.begin(), node.inputs.end());
  }
  return operators;
}

}  // namespace yoloport::onnx::outline
