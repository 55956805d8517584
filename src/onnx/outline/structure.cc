#include "onnx/outline/structure.h"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "base/text.h"
#include "onnx/outline/limits.h"
#include "onnx/outline/operators.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/tensor_header.h"
#include "onnx/wire/wire.h"
#include "yoloport/error.h"

namespace yoloport::onnx::outline {
namespace {

namespace fs = std::filesystem;
using base::Quote;
using wire::Field;

constexpr const char* kDamagedHint = "the file is damaged: export or download it again";
constexpr const char* kFolderHint =
    "files that a model names are read from the model's own folder only";

struct Node {
  std::string_view name;
  std::string_view type;
  std::string_view domain;
  std::vector<std::string_view> inputs;
  std::vector<std::string_view> outputs;
  std::vector<std::string_view> attributes;
};

Node ReadNode(std::string_view bytes, bool& whole) {
  Node node;
  whole &= wire::ForEachField(bytes, [&](const Field& field) {
    if (field.type != wire::kLengthDelimited) return;
    if (field.number == wire::node_proto::kInput) node.inputs.push_back(field.bytes);
    if (field.number == wire::node_proto::kOutput) node.outputs.push_back(field.bytes);
    if (field.number == wire::node_proto::kName) node.name = field.bytes;
    if (field.number == wire::node_proto::kType) node.type = field.bytes;
    if (field.number == wire::node_proto::kAttribute) node.attributes.push_back(field.bytes);
    if (field.number == wire::node_proto::kDomain) node.domain = field.bytes;
  });
  return node;
}

bool IsOnnxDomain(std::string_view domain) { return domain.empty() || domain == "ai.onnx"; }

// A node that waits for itself, directly or through others; null when there is none. Names that no
// node of this graph gives are inputs, weights, or come from the graph around it.
const Node* FindCircle(const std::vector<Node>& nodes) {
  std::map<std::string_view, std::size_t> makers;  // ordered: names are others'
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::string_view output : nodes[i].outputs) {
      if (!output.empty()) makers.emplace(output, i);
    }
  }
  std::vector<std::vector<std::size_t>> users(nodes.size());
  std::vector<std::size_t> waits(nodes.size(), 0);
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    for (const std::string_view input : nodes[i].inputs) {
      const auto maker = makers.find(input);
      if (maker == makers.end()) continue;
      users[maker->second].push_back(i);
      ++waits[i];
    }
  }
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (waits[i] == 0) ready.push_back(i);
  }
  for (std::size_t done = 0; done < ready.size(); ++done) {
    for (const std::size_t user : users[ready[done]]) {
      if (--waits[user] == 0) ready.push_back(user);
    }
  }
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (waits[i] > 0) return &nodes[i];
  }
  return nullptr;
}

// What the nodes of a graph may read: names that it or a graph around it gives.
struct Scope {
  const Scope* outer = nullptr;
  std::set<std::string_view> names;  // ordered: names are others'

  bool Has(std::string_view name) const {
    return names.contains(name) || (outer != nullptr && outer->Has(name));
  }
};

class Checker {
 public:
  explicit Checker(const fs::path& path) : path_(path) {}

  void CheckModel(std::string_view model) {
    Singular singular = 0;
    Walk(model, [&](const Field& field) {
      if (field.IsMessage(wire::model_proto::kOpsetImport)) CheckOpset(field.bytes);
      if (field.IsMessage(wire::model_proto::kFunctions)) RememberFunction(field.bytes);
      if (field.IsMessage(wire::model_proto::kGraph) && !IsFirst(singular, field)) {
        FailJoined("has two graphs");
      }
    });
    Walk(model, [&](const Field& field) {
      if (field.IsMessage(wire::model_proto::kGraph)) {
        CheckGraph(field.bytes, wire::graph_proto::kNode, 1, nullptr);
      }
      if (field.IsMessage(wire::model_proto::kFunctions)) {
        CheckGraph(field.bytes, wire::function_proto::kNode, 1, nullptr);
      }
    });
  }

  // Of the model that was checked.
  std::vector<fs::path> DataFiles() const {
    std::vector<fs::path> files;
    for (const auto& [location, size] : sizes_) files.emplace_back(location);
    return files;
  }

 private:
  [[noreturn]] void Fail(const std::string& what, const std::string& hint = {}) const {
    throw ModelError(Quote(path_.native()) + ": " + what, hint);
  }

  template <typename Visit>
  void Walk(std::string_view message, const Visit& visit) const {
    if (!wire::ForEachField(message, visit)) RefuseBroken();
  }

  [[noreturn]] void RefuseBroken() const {
    Fail("is a damaged ONNX file", "export or download it again");
  }

  // The messages met so far that a message may hold once: a bit for each field number.
  using Singular = std::uint64_t;

  // Protocol buffers join the contents of such a message when it stands twice: a runtime would see
  // what neither of them shows.
  bool IsFirst(Singular& seen, const Field& field) const {
    const Singular bit = Singular{1} << field.number;
    const bool is_first = (seen & bit) == 0;
    seen |= bit;
    return is_first;
  }

  [[noreturn]] void FailJoined(const std::string& what) const {
    Fail(what + ", and readers would join them",
         "no program writes such files: export or download it again");
  }

  void CheckOpset(std::string_view bytes) const {
    std::string_view domain;
    std::uint64_t version = 0;
    Walk(bytes, [&](const Field& field) {
      if (field.IsMessage(wire::opset_proto::kDomain)) domain = field.bytes;
      if (field.number == wire::opset_proto::kVersion) version = field.varint;
    });
    if (!IsOnnxDomain(domain) || (version >= 1 && version <= kNewestOpset)) return;
    Fail("needs opset " + std::to_string(static_cast<std::int64_t>(version)) +
             " of ONNX, which is not known",
         "known are 1 to " + std::to_string(kNewestOpset));
  }

  void RememberFunction(std::string_view bytes) {
    Walk(bytes, [&](const Field& field) {
      if (field.IsMessage(wire::function_proto::kName)) functions_.insert(field.bytes);
    });
  }

  // `bytes` are a GraphProto or a FunctionProto, whose nodes are the fields of number `node_field`.
  void CheckGraph(std::string_view bytes, std::uint64_t node_field, int depth,
                  const Scope* outer) const {
    if (depth > kMaxGraphDepth) {
      Fail("has graphs nested deeper than " + std::to_string(kMaxGraphDepth));
    }
    const bool is_graph = node_field == wire::graph_proto::kNode;
    std::vector<Node> nodes;
    bool whole = true;
    Walk(bytes, [&](const Field& field) {
      if (field.IsMessage(node_field)) nodes.push_back(ReadNode(field.bytes, whole));
      if (!is_graph) return;
      if (field.IsMessage(wire::graph_proto::kInitializer)) CheckTensor(field.bytes);
      if (field.IsMessage(wire::graph_proto::kSparseInitializer)) CheckSparseTensor(field.bytes);
    });
    if (!whole) RefuseBroken();
    Scope scope = is_graph ? GivenToGraph(bytes) : GivenToFunction(bytes);
    scope.outer = outer;
    for (const Node& node : nodes) scope.names.insert(node.outputs.begin(), node.outputs.end());
    for (const Node& node : nodes) CheckNode(node, depth, scope);
    CheckOutputs(bytes, is_graph, scope);
    if (const Node* node = FindCircle(nodes)) {
      Fail("is no graph: node " + Quote(node->name) + " (" + Quote(node->type) +
           ") waits for its own result");
    }
  }

  std::string_view NameIn(std::string_view message, std::uint64_t name_field) const {
    std::string_view name;
    Walk(message, [&](const Field& field) {
      if (field.IsMessage(name_field)) name = field.bytes;
    });
    return name;
  }

  Scope GivenToGraph(std::string_view graph) const {
    Scope scope;
    Walk(graph, [&](const Field& field) {
      if (field.IsMessage(wire::graph_proto::kInput)) {
        scope.names.insert(NameIn(field.bytes, wire::value_proto::kName));
      }
      if (field.IsMessage(wire::graph_proto::kInitializer)) {
        scope.names.insert(NameIn(field.bytes, wire::tensor_proto::kName));
      }
      if (field.IsMessage(wire::graph_proto::kSparseInitializer)) {
        const std::string_view values = NameIn(field.bytes, wire::sparse_tensor_proto::kValues);
        scope.names.insert(NameIn(values, wire::tensor_proto::kName));
      }
    });
    return scope;
  }

  Scope GivenToFunction(std::string_view function) const {
    Scope scope;
    Walk(function, [&](const Field& field) {
      if (field.IsMessage(wire::function_proto::kInput)) scope.names.insert(field.bytes);
    });
    return scope;
  }

  void CheckOutputs(std::string_view bytes, bool is_graph, const Scope& scope) const {
    Walk(bytes, [&](const Field& field) {
      if (!field.IsMessage(is_graph ? wire::graph_proto::kOutput : wire::function_proto::kOutput))
        return;
      const std::string_view name =
          is_graph ? NameIn(field.bytes, wire::value_proto::kName) : field.bytes;
      if (name.empty() || scope.Has(name)) return;
      Fail("no input, weight or node gives the output " + Quote(name), kDamagedHint);
    });
  }

  void CheckNode(const Node& node, int depth, const Scope& scope) const {
    if (IsOnnxDomain(node.domain) && !IsOnnxOperator(node.type) &&
        !functions_.contains(node.type)) {
      Fail("node " + Quote(node.name) + " is of type " + Quote(node.type) +
           ", an operator that ONNX does not have");
    }
    for (const std::string_view input : node.inputs) {
      if (input.empty() || scope.Has(input)) continue;  // an optional input has no name
      Fail("the node " + Quote(node.name) + " (" + Quote(node.type) + ") reads " + Quote(input) +
               ", which no input, weight or node gives",
           kDamagedHint);
    }
    for (const std::string_view attribute : node.attributes) {
      CheckAttribute(attribute, node, depth, scope);
    }
  }

  void CheckAttribute(std::string_view bytes, const Node& node, int depth,
                      const Scope& scope) const {
    Singular singular = 0;
    Walk(bytes, [&](const Field& field) {
      if (field.type != wire::kLengthDelimited) return;
      const bool is_singular = field.number == wire::attribute_proto::kGraph ||
                               field.number == wire::attribute_proto::kTensor ||
                               field.number == wire::attribute_proto::kSparseTensor;
      if (is_singular && !IsFirst(singular, field)) {
        FailJoined("an attribute of node " + Quote(node.name) + " has two graphs or tensors");
      }
    });
    Walk(bytes, [&](const Field& field) {
      if (field.type != wire::kLengthDelimited) return;
      switch (field.number) {
        case wire::attribute_proto::kGraph:
        case wire::attribute_proto::kGraphs:
          return CheckGraph(field.bytes, wire::graph_proto::kNode, depth + 1, &scope);
        case wire::attribute_proto::kTensor:
        case wire::attribute_proto::kTensors:
          return CheckTensor(field.bytes);
        case wire::attribute_proto::kSparseTensor:
        case wire::attribute_proto::kSparseTensors:
          return CheckSparseTensor(field.bytes);
        default:
          return;
      }
    });
  }

  void CheckSparseTensor(std::string_view bytes) const {
    Singular singular = 0;
    Walk(bytes, [&](const Field& field) {
      const bool is_tensor = field.IsMessage(wire::sparse_tensor_proto::kValues) ||
                             field.IsMessage(wire::sparse_tensor_proto::kIndices);
      if (!is_tensor) return;
      if (!IsFirst(singular, field)) FailJoined("a sparse tensor has two of values or indices");
      CheckTensor(field.bytes);
    });
  }

  void CheckTensor(std::string_view bytes) const {
    wire::ExternalData external;
    if (!wire::ReadExternalData(bytes, external)) RefuseBroken();
    if (!external.given) return;
    CheckExternal(NameIn(bytes, wire::tensor_proto::kName), external);
  }

  void CheckExternal(std::string_view name, const wire::ExternalData& external) const {
    const std::string place = "the data of tensor " + Quote(name) + " are ";
    // Thousands of tensors lie in one file, and asking the system takes longer than a tensor.
    auto size = sizes_.find(external.location);
    if (size == sizes_.end()) {
      size = sizes_.emplace(external.location, SizeOf(place, external.location)).first;
    }
    const std::uintmax_t most = size->second;
    if (wire::RangeOf(external, most)) return;
    Fail(place + "said to be " + Quote(external.length.empty() ? "all" : external.length, 30) +
             " bytes at byte " + Quote(external.offset.empty() ? "0" : external.offset, 30) +
             " of " + Quote(external.location) + ", which has " + std::to_string(most),
         "the model or its data file is damaged or incomplete: export or download both again");
  }

  // The bytes of the file that tensors name, which must be in the model's folder.
  std::uintmax_t SizeOf(const std::string& place, std::string_view name) const {
    const fs::path location(name);
    bool inside =
        !location.empty() && location.is_relative() && name.find('\0') == std::string_view::npos;
    for (const fs::path& part : location) inside = inside && part != "..";
    if (!inside) {
      Fail(place + "said to be in " + Quote(name) + ", outside the model's folder", kFolderHint);
    }
    std::error_code error;
    const fs::path folder = fs::canonical(fs::absolute(path_).parent_path(), error);
    const fs::path file = fs::canonical(folder / location, error);
    if (error) Fail(place + "in " + Quote(name) + ": " + error.message());
    const auto [end, ignored] =
        std::mismatch(folder.begin(), folder.end(), file.begin(), file.end());
    if (end != folder.end()) {
      Fail(place + "in " + Quote(name) + ", a link out of the model's folder", kFolderHint);
    }
    const std::uintmax_t size = fs::is_regular_file(file, error) ? fs::file_size(file, error) : 0;
    if (error) Fail(place + "in " + Quote(name) + ": " + error.message());
    return size;
  }

  const fs::path& path_;
  std::set<std::string_view> functions_;                      // names of functions in the file
  mutable std::map<std::string_view, std::uintmax_t> sizes_;  // of data files, by location
};

}  // namespace

std::vector<fs::path> CheckOnnxStructure(const fs::path& path) {
  return CheckOnnxStructure(*base::MappedFile::Open(path));
}

std::vector<fs::path> CheckOnnxStructure(const base::MappedFile& file) {
  Checker checker(file.path());
  checker.CheckModel(file.text());
  return checker.DataFiles();
}

std::vector<fs::path> DataFilesOf(const fs::path& model) {
  std::vector<fs::path> files;
  try {
    files = CheckOnnxStructure(model);
  } catch (const Error&) {
    return {};
  }
  for (fs::path& file : files) file = model.parent_path() / file;
  return files;
}

}  // namespace yoloport::onnx::outline
