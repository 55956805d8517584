// The network as a graph of ONNX operators, built front to back and then written out.
//
// A graph is built by nested calls on cheap handles: `Value y = Mul(x, Sigmoid(x));`. Each call
// (ops.h) infers element type and shape of its result, and computes the result at once where all
// inputs are constants, so what is emitted never needs a simplifier.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "tensor/tensor.h"

namespace yoloport::graph {

// An extent known only when the model runs. The extents of a Value are >= 0 or this.
inline constexpr std::int64_t kDynamic = -1;

class Graph;

// A handle to the result of a node, a constant or an input of a graph. Copying copies the handle.
// Valid for as long as its graph. Default constructed: no value (an optional input left out).
class Value {
 public:
  Value() = default;

  explicit operator bool() const { return graph_ != nullptr; }
  Graph& graph() const { return *graph_; }
  int id() const { return id_; }

  const std::string& name() const;
  // Both throw ModelError for a value of a file that was read (onnx/read) that does not state it.
  tensor::DType dtype() const;
  const tensor::Shape& shape() const;  // extents, kDynamic where not known
  std::int64_t rank() const { return static_cast<std::int64_t>(shape().size()); }
  std::int64_t dim(std::int64_t axis) const;  // negative axes count from the end
  bool is_static() const;                     // no extent is kDynamic

  // The elements, for a constant that is held in memory (not a lazy one); null otherwise.
  const tensor::Tensor* constant() const;

 private:
  friend class Graph;
  Value(Graph* graph, int id) : graph_(graph), id_(id) {}

  Graph* graph_ = nullptr;
  int id_ = -1;
};

// Weights whose elements are computed only when the file is written, so that a large network never
// has all of its folded weights in memory. `make` must give a dense tensor of this type and shape,
// the same each time.
struct LazyTensor {
  tensor::DType dtype = tensor::DType::kFloat32;
  tensor::Shape shape;
  std::function<tensor::Tensor()> make;
  bool is_inline = false;  // written among the small constants: its place in a file that was read
};

// What a file that was read states and this graph has no type for - graphs within nodes, tensors of
// strings ... -, as the bytes that stand there. Nothing here looks into them; the writer puts them
// back. They lie in the file, which the graph keeps alive.
struct Raw {
  std::string_view bytes;
  bool operator==(const Raw&) const = default;
};

using Attribute = std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>,
                               std::vector<float>, Raw>;

// One operator. Attributes are kept in the order of their names so that equal graphs give equal
// files.
struct Node {
  std::string op;
  std::string domain;  // "" is ONNX's own
  std::string name;
  std::vector<int> inputs;   // value ids; -1 is an optional input left out
  std::vector<int> outputs;  // -1: an optional output left out
  std::map<std::string, Attribute> attributes;
  // Of a file that was read: values that graphs within the attributes read by their names, and what
  // else stands in the node, such as its doc string, as bytes.
  std::vector<int> captured = {};
  std::string rest = {};
};

// What a result of a node is.
struct ResultType {
  tensor::DType dtype = tensor::DType::kFloat32;
  tensor::Shape shape;
};

class Graph {
 public:
  // `opset`: version of ONNX's operator set that the graph is written in.
  explicit Graph(int opset) : opset_(opset) {}
  Graph(const Graph&) = delete;  // values point back to their graph
  Graph& operator=(const Graph&) = delete;

  int opset() const { return opset_; }

  // `dim_names` names the dynamic extents, "" for the others.
  Value Input(std::string name, tensor::DType dtype, tensor::Shape shape,
              std::vector<std::string> dim_names = {});

  // An input that callers may leave out: it then has these elements.
  Value OptionalInput(std::string name, const tensor::Tensor& default_value);

  // A constant. Without a name it is named after the current scope. Constants that no node uses are
  // not written.
  Value Constant(const tensor::Tensor& tensor, std::string name = {});
  Value Constant(LazyTensor tensor, std::string name = {});

  // Adds a node with one result or several and returns them. The results are named after the node,
  // which is named `SCOPE/OP` with a number where needed to be unique.
  Value Add(Node node, const std::vector<Value>& inputs, ResultType result);
  std::vector<Value> AddMany(Node node, const std::vector<Value>& inputs,
                             std::vector<ResultType> results);

  // Makes `value`, the result of a node, an output of the graph and renames it to `name`. Outputs
  // come in the order of these calls. `dim_names` as for Input(). Not for a value that a node has
  // captured.
  void Output(Value value, std::string name, std::vector<std::string> dim_names = {});

  // Dynamic extents of one name are equal, also of results within the graph. "" names none.
  // Runtimes that cannot tell by themselves take it from there that two shapes are the same.
  void NameDims(Value value, std::vector<std::string> dim_names);

  // For rewriting what was built: another tensor of the same type and shape for a constant, and
  // another value for an input of a node that stands before it.
  void ReplaceConstant(int id, LazyTensor tensor);
  void ReplaceInput(std::size_t node, std::size_t input, Value value);
  // These may change the shape, too.
  void SetConstant(int id, LazyTensor tensor);
  void SetDefault(int id, tensor::Tensor tensor);  // of an optional input
  void SetExtent(int id, std::size_t axis, std::int64_t extent);
  void SetType(int id, ResultType type);
  void SetAttribute(std::size_t node, const std::string& name, Attribute value);

  // For passes (graph/passes/): nodes may be changed and removed as long as each stands behind what
  // it reads; constants that nobody reads may be removed.
  std::vector<Node>& mutable_nodes() { return nodes_; }
  std::vector<int>& mutable_constants() { return constants_; }

  // For going on with a file that was read. FreeName() gives the values and nodes of that name
  // another one, so that it is there for a new value; false, and nothing changes, where a graph
  // within a node reads such a value by its name.
  std::vector<int>& mutable_inputs() { return inputs_; }
  std::vector<int>& mutable_outputs() { return outputs_; }
  bool FreeName(const std::string& name);

  // A name that is not taken yet: `name`, `name_1` ...
  std::string UniqueName(std::string name);

  // Everything below is for readers, writers and tests.
  struct ValueData {
    std::string name;
    tensor::DType dtype = tensor::DType::kFloat32;
    tensor::Shape shape;
    std::vector<std::string> dim_names = {};  // of dynamic extents
    std::variant<std::monostate, tensor::Tensor, LazyTensor, Raw> constant = {};
    std::optional<tensor::Tensor> default_value = {};  // of an optional input; may be unaligned
    bool has_given_name = false;  // a constant that is asked for by its name later

    // Of a file that was read:
    bool has_dtype = true;   // without, `dtype` says nothing
    bool has_shape = true;   // without, not even the rank is known
    bool is_stated = false;  // a result whose type the file states
    Raw raw_type = {};       // its type, where the above cannot hold it: then neither is known
    std::string rest = {};   // what else is stated of it, such as its doc string, as bytes
  };

  // For a reader: values and nodes under the names that the file gives them. A value's name must
  // not be taken; what it is follows.
  int AddValue(ValueData value);
  void AddInput(int id) { inputs_.push_back(id); }
  void AddConstant(int id) { constants_.push_back(id); }
  void AddOutput(int id) { outputs_.push_back(id); }
  void AddNode(Node node);  // inputs and outputs by id
  void KeepAlive(std::shared_ptr<const void> owner) { owners_.push_back(std::move(owner)); }

  Value Handle(int id) { return {this, id}; }
  std::size_t value_count() const { return values_.size(); }  // ids are below it
  const ValueData& value(int id) const { return values_[static_cast<std::size_t>(id)]; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const std::vector<int>& inputs() const { return inputs_; }
  const std::vector<int>& outputs() const { return outputs_; }
  const std::vector<int>& constants() const { return constants_; }  // ids, in order of creation
  std::int64_t ConstantElements() const;                            // of all constants together

 private:
  friend class NameScope;

  int NewValue(std::string name, tensor::DType dtype, tensor::Shape shape);
  std::string ScopedName(std::string_view what) const;

  int opset_;
  std::string scope_;
  std::deque<ValueData> values_;  // references stay valid while it grows
  std::vector<Node> nodes_;
  std::vector<int> inputs_;
  std::vector<int> constants_;
  std::vector<int> outputs_;
  std::map<std::string, int> names_;  // name -> how many derived names; ordered: names are others'
  std::vector<std::shared_ptr<const void>> owners_;  // of what Raw and views of tensors point to
};

// Names what is added during its lifetime: nodes are called `NAME/OP`. Scopes replace each other
// (they do not nest): components pass their full state_dict prefix.
class NameScope {
 public:
  NameScope(Graph& graph, std::string name) : graph_(graph), outer_(std::move(graph.scope_)) {
    graph_.scope_ = std::move(name);
  }
  ~NameScope() { graph_.scope_ = std::move(outer_); }
  NameScope(const NameScope&) = delete;
  NameScope& operator=(const NameScope&) = delete;

 private:
  Graph& graph_;
  std::string outer_;
};

}  // namespace yoloport::graph
