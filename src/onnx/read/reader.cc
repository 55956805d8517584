#include "onnx/read/reader.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "onnx/outline/read_metadata.h"
#include "onnx/outline/structure.h"
#include "onnx/read/file_weights.h"
#include "onnx/read/kept_bytes.h"
#include "onnx/read/parts.h"
#include "onnx/read/refusal.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/tensor_header.h"
#include "onnx/wire/wire_edit.h"

namespace yoloport::onnx::read {
namespace {

namespace fs = std::filesystem;
using base::Quote;
using graph::Graph;
using wire::Field;
using wire::OnnxTensor;

class Reader {
 public:
  explicit Reader(const fs::path& path) : file_(base::MappedFile::Open(path)), weights_(file_) {}

  OnnxFile Run() {
    result_.metadata = outline::ReadOnnxMetadata(*file_);  // refuses what is not an ONNX file
    outline::CheckOnnxStructure(*file_);
    const std::string_view graph = ReadModel();
    result_.graph = std::make_unique<Graph>(Opset());
    ReadGraph(graph);
    result_.sources = weights_.sources();
    for (const auto& source : result_.sources) result_.graph->KeepAlive(source);
    return std::move(result_);
  }

 private:
  // What the file states of a value in `value_info`.
  struct Stated {
    std::string_view message, raw;
    bool is_used = false;
  };

  [[noreturn]] void Fail(const std::string& what) const { RefuseFile(*file_, what); }
  void Require(bool whole, const char* what) const { RequireWhole(*file_, whole, what); }

  std::string_view ReadModel();  // gives the graph
  void ReadImport(std::string_view message);
  int Opset() const;

  void ReadGraph(std::string_view graph);
  void RememberTypes(std::string_view graph);
  void AddInputs(std::string_view graph);
  void AddConstants(std::string_view graph);
  void AddResults(std::string_view graph);
  void AddNodes(std::string_view graph);
  void AddOutputs(std::string_view graph);
  void KeepRest(std::string_view graph);

  int AddValue(Graph::ValueData value, std::string_view name);
  int Find(std::string_view name, const graph::Node& reader) const;
  void AddInitializer(std::string_view message, std::string_view raw, bool is_inline);
  void AddDefault(int input, const OnnxTensor& header, std::string_view message,
                  std::string_view raw);
  void AddSparse(std::string_view message);
  graph::Node ReadNode(std::string_view message);
  void AddAttribute(std::string_view message, graph::Node& node) const;

  std::shared_ptr<const base::MappedFile> file_;
  FileWeights weights_;
  OnnxFile result_;
  std::map<std::string_view, int> ids_;  // of values; ordered, as all maps here: names are others'
  std::map<std::string_view, Stated> stated_;             // of value_info, by name
  std::map<std::string_view, std::string_view> outputs_;  // ValueInfoProto of outputs, by name
  std::string rest_;                                      // of the graph
};

std::string_view Reader::ReadModel() {
  std::string_view graph;
  write::OnnxHeader& header = result_.header;
  header.producer_name.clear();
  wire::ForEachRawField(file_->text(), [&](const Field& field, std::string_view raw) {
    if (field.number == wire::model_proto::kIrVersion && field.type == wire::kVarint) {
      header.ir_version = static_cast<std::int64_t>(field.varint);
    } else if (field.IsMessage(wire::model_proto::kProducerName)) {
      header.producer_name = field.bytes;
    } else if (field.IsMessage(wire::model_proto::kProducerVersion)) {
      header.producer_version = field.bytes;
    } else if (field.IsMessage(wire::model_proto::kGraph)) {
      graph = field.bytes;
    } else if (field.IsMessage(wire::model_proto::kOpsetImport)) {
      ReadImport(field.bytes);
    } else if (!field.IsMessage(wire::model_proto::kMetadataProps)) {
      header.model_rest += raw;
      References references;
      if (field.IsMessage(wire::model_proto::kFunctions)) {
        AddReferencesOfFunction(field.bytes, references);
      }
      RefuseExternal(*file_, references, "a function");
    }
  });
  return graph;
}

void Reader::ReadImport(std::string_view message) {
  write::OpsetImport import;
  const bool whole = wire::ForEachField(message, [&](const Field& field) {
    if (field.IsMessage(wire::opset_proto::kDomain)) import.domain = field.bytes;
    if (field.number == wire::opset_proto::kVersion) {
      import.version = static_cast<std::int64_t>(field.varint);
    }
  });
  Require(whole, "opset_import");
  result_.header.imports.push_back(std::move(import));
}

// Files of the first versions of the format import nothing.
int Reader::Opset() const {
  int opset = 1;
  for (const write::OpsetImport& import : result_.header.imports) {
    if (import.domain.empty() || import.domain == "ai.onnx")
      opset = static_cast<int>(import.version);
  }
  return opset;
}

// Values first, whoever makes them, so that nodes may stand in any order.
void Reader::ReadGraph(std::string_view graph) {
  RememberTypes(graph);
  AddInputs(graph);
  AddConstants(graph);
  AddResults(graph);
  AddNodes(graph);
  AddOutputs(graph);
  KeepRest(graph);
}

void Reader::RememberTypes(std::string_view graph) {
  bool whole = true;
  wire::ForEachRawField(graph, [&](const Field& field, std::string_view raw) {
    std::string_view name;
    if (field.IsMessage(wire::graph_proto::kValueInfo)) {
      whole &= ReadValueName(field.bytes, name);
      // Of two, the first; the other stays among what is kept as bytes.
      if (!stated_.emplace(name, Stated{field.bytes, raw}).second) rest_ += raw;
    } else if (field.IsMessage(wire::graph_proto::kOutput)) {
      whole &= ReadValueName(field.bytes, name);
      outputs_.emplace(name, field.bytes);
    }
  });
  Require(whole, "value_info or output");
}

int Reader::AddValue(Graph::ValueData value, std::string_view name) {
  value.name = name;
  const int id = result_.graph->AddValue(std::move(value));
  if (!ids_.emplace(name, id).second) {
    Fail("two inputs, weights or results are called " + Quote(name));
  }
  return id;
}

void Reader::AddInputs(std::string_view graph) {
  wire::ForEachField(graph, [&](const Field& field) {
    if (!field.IsMessage(wire::graph_proto::kInput)) return;
    Graph::ValueData value;
    Require(ReadValueInfo(field.bytes, value), "input");
    std::string_view name;
    ReadValueName(field.bytes, name);
    result_.graph->AddInput(AddValue(std::move(value), name));
  });
}

void Reader::AddConstants(std::string_view graph) {
  // Our own writer puts small constants before the types of inputs and outputs, weights behind.
  bool is_inline = true;
  wire::ForEachRawField(graph, [&](const Field& field, std::string_view raw) {
    if (field.IsMessage(wire::graph_proto::kInput) || field.IsMessage(wire::graph_proto::kOutput)) {
      is_inline = false;
    }
    if (field.IsMessage(wire::graph_proto::kInitializer))
      AddInitializer(field.bytes, raw, is_inline);
    if (field.IsMessage(wire::graph_proto::kSparseInitializer)) AddSparse(field.bytes);
  });
}

void Reader::AddInitializer(std::string_view message, std::string_view raw, bool is_inline) {
  OnnxTensor header;
  Require(wire::ReadTensorHeader(message, header), "initializer");
  const auto input = ids_.find(header.name);
  const auto& inputs = result_.graph->inputs();
  // Inputs are the first values, so their ids are below their number.
  if (input != ids_.end() && input->second < static_cast<int>(inputs.size())) {
    return AddDefault(input->second, header, message, raw);
  }
  Graph::ValueData value = weights_.Constant(header, message, is_inline);
  result_.graph->AddConstant(AddValue(std::move(value), header.name));
}

// A default that a graph cannot hold stays among what is kept as bytes.
void Reader::AddDefault(int input, const OnnxTensor& header, std::string_view message,
                        std::string_view raw) {
  tensor::DType dtype{};
  std::optional<tensor::Tensor> tensor;
  const bool is_known = wire::FromOnnxType(header.type, dtype);
  if (is_known) tensor = weights_.View(header, dtype, message);
  if (!is_known) {
    References references;
    AddReferencesOfTensor(message, references);
    RefuseExternal(*file_, references, "the default of " + Quote(header.name));
  }
  const Graph::ValueData& value = result_.graph->value(input);
  if (value.default_value) Fail("two weights are called " + Quote(header.name));
  const bool agrees = tensor && value.has_dtype && value.dtype == dtype && value.has_shape &&
                      value.shape == header.dims;
  if (!agrees) {
    rest_ += raw;
  } else {
    const bool is_small = tensor->byte_size() <= kMostHeldBytes;
    result_.graph->SetDefault(input, is_small ? tensor->Dense() : *tensor);
  }
}

void Reader::AddSparse(std::string_view message) {
  References references;
  AddReferencesOfSparseTensor(message, references);
  RefuseExternal(*file_, references, "a sparse weight");
  wire::ForEachField(message, [&](const Field& field) {
    if (!field.IsMessage(wire::sparse_tensor_proto::kValues)) return;
    OnnxTensor header;
    Require(wire::ReadTensorHeader(field.bytes, header), "sparse weight");
    Graph::ValueData value;
    value.has_dtype = value.has_shape = false;
    AddValue(std::move(value), header.name);
  });
}

// Results of nodes, with what the file states of them.
void Reader::AddResults(std::string_view graph) {
  const auto add = [&](std::string_view name) {
    if (name.empty()) return;  // an optional output that is left out
    Graph::ValueData value;
    value.has_dtype = value.has_shape = false;
    const auto output = outputs_.find(name);
    const auto stated = stated_.find(name);
    if (output != outputs_.end()) {
      Require(ReadValueInfo(output->second, value), "output");
    } else if (stated != stated_.end()) {
      Require(ReadValueInfo(stated->second.message, value), "value_info");
      stated->second.is_used = value.is_stated = true;
    }
    AddValue(std::move(value), name);
  };
  wire::ForEachField(graph, [&](const Field& field) {
    if (!field.IsMessage(wire::graph_proto::kNode)) return;
    wire::ForEachField(field.bytes, [&](const Field& member) {
      if (member.IsMessage(wire::node_proto::kOutput)) add(member.bytes);
    });
  });
}

int Reader::Find(std::string_view name, const graph::Node& reader) const {
  if (name.empty()) return -1;
  const auto found = ids_.find(name);
  if (found != ids_.end()) return found->second;
  Fail("the node " + Quote(reader.name) + " (" + Quote(reader.op) + ") reads " + Quote(name) +
       ", which no input, weight or node gives");
}

void Reader::AddNodes(std::string_view graph) {
  wire::ForEachField(graph, [&](const Field& field) {
    if (field.IsMessage(wire::graph_proto::kNode)) result_.graph->AddNode(ReadNode(field.bytes));
  });
}

graph::Node Reader::ReadNode(std::string_view message) {
  graph::Node node;
  std::vector<std::string_view> inputs;  // their errors name the node
  wire::ForEachRawField(message, [&](const Field& field, std::string_view raw) {
    if (field.IsMessage(wire::node_proto::kInput)) {
      inputs.push_back(field.bytes);
    } else if (field.IsMessage(wire::node_proto::kOutput)) {
      node.outputs.push_back(Find(field.bytes, node));
    } else if (field.IsMessage(wire::node_proto::kName)) {
      node.name = field.bytes;
    } else if (field.IsMessage(wire::node_proto::kType)) {
      node.op = field.bytes;
    } else if (field.IsMessage(wire::node_proto::kDomain)) {
      node.domain = field.bytes;
    } else if (field.IsMessage(wire::node_proto::kAttribute)) {
      AddAttribute(field.bytes, node);
    } else {
      node.rest += raw;
    }
  });
  for (const std::string_view input : inputs) node.inputs.push_back(Find(input, node));
  std::sort(node.captured.begin(), node.captured.end());
  node.captured.erase(std::unique(node.captured.begin(), node.captured.end()), node.captured.end());
  return node;
}

void Reader::AddAttribute(std::string_view message, graph::Node& node) const {
  std::string_view name;
  graph::Attribute attribute;
  Require(ReadAttribute(message, name, attribute), "attribute");
  if (std::holds_alternative<graph::Raw>(attribute)) {
    References references;
    AddReferencesOfAttribute(message, references);
    RefuseExternal(*file_, references, "the node " + Quote(node.name));
    for (const std::string_view value : references.names) {
      // Names that are not this graph's are those of the graph within.
      if (const auto id = ids_.find(value); id != ids_.end()) node.captured.push_back(id->second);
    }
  }
  if (!node.attributes.emplace(name, std::move(attribute)).second) {
    Fail("the node " + Quote(node.name) + " has two attributes " + Quote(name));
  }
}

void Reader::AddOutputs(std::string_view graph) {
  wire::ForEachField(graph, [&](const Field& field) {
    if (!field.IsMessage(wire::graph_proto::kOutput)) return;
    std::string_view name;
    ReadValueName(field.bytes, name);
    const auto value = ids_.find(name);
    if (value == ids_.end()) {
      Fail("no input, weight or node gives the output " + Quote(name));
    }
    result_.graph->AddOutput(value->second);
  });
}

void Reader::KeepRest(std::string_view graph) {
  static constexpr std::uint64_t kRead[] = {
      wire::graph_proto::kNode, wire::graph_proto::kInitializer, wire::graph_proto::kInput,
      wire::graph_proto::kOutput, wire::graph_proto::kValueInfo};
  wire::ForEachRawField(graph, [&](const Field& field, std::string_view raw) {
    if (field.IsMessage(wire::graph_proto::kName)) {
      result_.header.graph_name = field.bytes;
      return;
    }
    const bool is_read =
        std::find(std::begin(kRead), std::end(kRead), field.number) != std::end(kRead);
    if (!is_read) rest_ += raw;
  });
  for (const auto& [name, stated] : stated_) {
    if (!stated.is_used) rest_ += stated.raw;
  }
  result_.header.graph_rest = std::move(rest_);
}

}  // namespace

OnnxFile ReadOnnx(const fs::path& path) { return Reader(path).Run(); }

std::uint64_t WriteOnnx(const OnnxFile& file, const fs::path& path) {
  const auto metadata = [&](const std::vector<write::NonFinite>&) {
    for (const auto& source : file.sources) source->CheckUnchanged();
    return file.metadata;
  };
  return write::WriteOnnx(*file.graph, file.header, path, metadata, write::Scan::kNothing);
}

}  // namespace yoloport::onnx::read
