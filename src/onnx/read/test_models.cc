#include "onnx/read/test_models.h"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <vector>

namespace yoloport::onnx::read {
namespace {

using ::onnx::AttributeProto;
using ::onnx::GraphProto;
using ::onnx::ModelProto;
using ::onnx::NodeProto;
using ::onnx::TensorProto;

NodeProto& AddNode(GraphProto& graph, const std::string& op, const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs) {
  NodeProto& node = *graph.add_node();
  node.set_op_type(op);
  for (const std::string& name : inputs) node.add_input(name);
  for (const std::string& name : outputs) node.add_output(name);
  return node;
}

AttributeProto& AddAttribute(NodeProto& node, const std::string& name,
                             ::onnx::AttributeProto_AttributeType type) {
  AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(type);
  return attribute;
}

void AddInt(NodeProto& node, const std::string& name, std::int64_t value) {
  AddAttribute(node, name, ::onnx::AttributeProto_AttributeType_INT).set_i(value);
}

void AddInts(NodeProto& node, const std::string& name, const std::vector<std::int64_t>& values) {
  AttributeProto& attribute = AddAttribute(node, name, ::onnx::AttributeProto_AttributeType_INTS);
  for (const std::int64_t value : values) attribute.add_ints(value);
}

TensorProto& AddTensor(GraphProto& graph, const std::string& name, std::int32_t type,
                       const std::vector<std::int64_t>& shape) {
  TensorProto& tensor = *graph.add_initializer();
  tensor.set_name(name);
  tensor.set_data_type(type);
  for (const std::int64_t extent : shape) tensor.add_dims(extent);
  return tensor;
}

void SetType(::onnx::ValueInfoProto& value, const std::string& name, std::int32_t type,
             const std::vector<std::int64_t>& shape) {
  value.set_name(name);
  auto& tensor = *value.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type);
  tensor.mutable_shape();
  for (const std::int64_t extent : shape) tensor.mutable_shape()->add_dim()->set_dim_value(extent);
}

// The sum of all elements of `name`, from whatever type, added to `sum`; gives the new sum's name.
std::string AddToSum(GraphProto& graph, const std::string& name, const std::string& sum) {
  AddInt(AddNode(graph, "Cast", {name}, {name + ".float"}), "to", TensorProto::FLOAT);
  AddNode(graph, "ReduceMax", {name + ".float"}, {name + ".max"});
  AddInt(*graph.mutable_node(graph.node_size() - 1), "keepdims", 0);
  AddNode(graph, "Add", {sum, name + ".max"}, {name + ".sum"});
  return name + ".sum";
}

// Elements of each type that a graph knows, as raw data and in the field that is for the type.
std::string AddElements(GraphProto& graph, int opset, std::string sum) {
  AddTensor(graph, "floats", TensorProto::FLOAT, {3})
      .set_raw_data(std::string("\0\0\x80\x3f", 4) + std::string(8, '\0'));
  TensorProto& typed = AddTensor(graph, "typed_floats", TensorProto::FLOAT, {2});
  for (const float value : {1.5F, -2.0F}) typed.add_float_data(value);
  TensorProto& doubles = AddTensor(graph, "doubles", TensorProto::DOUBLE, {2});
  for (const double value : {2.5, 1e-3}) doubles.add_double_data(value);
  TensorProto& wide = AddTensor(graph, "int64s", TensorProto::INT64, {2, 1});
  for (const std::int64_t value : {-5L, 70000L}) wide.add_int64_data(value);
  TensorProto& unsigned_wide = AddTensor(graph, "uint64s", TensorProto::UINT64, {1});
  unsigned_wide.add_uint64_data(300);
  TensorProto& unsigned_ints = AddTensor(graph, "uint32s", TensorProto::UINT32, {});
  unsigned_ints.add_uint64_data(77);
  const std::pair<const char*, TensorProto::DataType> small[] = {
      {"int32s", TensorProto::INT32},   {"int16s", TensorProto::INT16},
      {"int8s", TensorProto::INT8},     {"uint8s", TensorProto::UINT8},
      {"uint16s", TensorProto::UINT16}, {"bools", TensorProto::BOOL},
      {"halves", TensorProto::FLOAT16}};
  for (const auto& [name, type] : small) {
    TensorProto& tensor = AddTensor(graph, name, type, {2});
    tensor.add_int32_data(type == TensorProto::FLOAT16 ? 0x3C00 : 1);
    tensor.add_int32_data(type == TensorProto::INT8 || type == TensorProto::INT32 ? -1 : 0);
  }
  AddTensor(graph, "empty", TensorProto::FLOAT, {0, 5});
  if (opset >= 13) {  // Cast takes it since then
    AddTensor(graph, "bfloats", TensorProto::BFLOAT16, {1}).set_raw_data("\xc0\x3f");
    sum = AddToSum(graph, "bfloats", sum);
  }
  for (const char* name : {"floats", "typed_floats", "doubles", "int64s", "uint64s", "uint32s",
                           "int32s", "int16s", "int8s", "uint8s", "uint16s", "bools", "halves"}) {
    sum = AddToSum(graph, name, sum);
  }
  return sum;
}

// `result` is `from` times two where `condition` holds, else `from`, which the branches read from
// the graph around them.
void AddIf(GraphProto& graph, const std::string& condition, const std::string& from,
           const std::string& result) {
  NodeProto& node = AddNode(graph, "If", {condition}, {result});
  for (const char* branch : {"then_branch", "else_branch"}) {
    GraphProto& inner =
        *AddAttribute(node, branch, ::onnx::AttributeProto_AttributeType_GRAPH).mutable_g();
    inner.set_name(branch);
    const std::string name = result + branch;
    const bool is_then = branch == std::string("then_branch");
    AddNode(inner, is_then ? "Add" : "Identity",
            is_then ? std::vector{from, from} : std::vector{from}, {name});
    SetType(*inner.add_output(), name, TensorProto::FLOAT, {1, 2, 2, 2});
  }
}

// `result` is `start` with `step`, of the graph around, added three times.
void AddLoop(GraphProto& graph, const std::string& start, const std::string& step,
             const std::string& result) {
  AddTensor(graph, "trips", TensorProto::INT64, {}).add_int64_data(3);
  NodeProto& node = AddNode(graph, "Loop", {"trips", "", start}, {result});
  GraphProto& body =
      *AddAttribute(node, "body", ::onnx::AttributeProto_AttributeType_GRAPH).mutable_g();
  body.set_name("body");
  SetType(*body.add_input(), "trip", TensorProto::INT64, {});
  SetType(*body.add_input(), "going", TensorProto::BOOL, {});
  SetType(*body.add_input(), "before", TensorProto::FLOAT, {1, 2, 2, 2});
  AddNode(body, "Identity", {"going"}, {"going_on"});
  AddNode(body, "Add", {"before", step}, {"after"});
  SetType(*body.add_output(), "going_on", TensorProto::BOOL, {});
  SetType(*body.add_output(), "after", TensorProto::FLOAT, {1, 2, 2, 2});
}

std::string Bytes(const TensorProto& tensor) {
  std::string raw = tensor.raw_data();
  const auto append = [&](const auto& values, std::size_t size) {
    for (const auto value : values) raw.append(reinterpret_cast<const char*>(&value), size);
  };
  append(tensor.float_data(), 4);
  append(tensor.double_data(), 8);
  append(tensor.int64_data(), 8);
  append(tensor.uint64_data(), tensor.data_type() == TensorProto::UINT32 ? 4 : 8);
  switch (tensor.data_type()) {
    case TensorProto::INT32:
      append(tensor.int32_data(), 4);
      break;
    case TensorProto::INT8:
    case TensorProto::UINT8:
    case TensorProto::BOOL:
      append(tensor.int32_data(), 1);
      break;
    default:
      append(tensor.int32_data(), 2);
  }
  return raw;
}

void Normalize(TensorProto& tensor) {
  if (tensor.string_data_size() > 0) return;
  const std::string raw = Bytes(tensor);
  tensor.clear_float_data();
  tensor.clear_double_data();
  tensor.clear_int32_data();
  tensor.clear_int64_data();
  tensor.clear_uint64_data();
  tensor.clear_doc_string();
  tensor.set_raw_data(raw);
}

template <typename Field, typename Name>
void Sort(Field& field, const Name& name) {
  std::sort(field.begin(), field.end(),
            [&](const auto& a, const auto& b) { return name(a) < name(b); });
}

}  // namespace

std::string RunnableModel(int opset) {
  ModelProto model;
  model.set_ir_version(opset < 15 ? 4 : 8);
  model.set_producer_name("others");
  model.set_doc_string("a model");
  model.add_opset_import()->set_version(opset);
  GraphProto& graph = *model.mutable_graph();
  graph.set_name("net");
  graph.set_doc_string("a graph");
  SetType(*graph.add_input(), "x", TensorProto::FLOAT, {1, 3, 4, 4});
  SetType(*graph.add_input(), "gain", TensorProto::FLOAT, {1});
  AddTensor(graph, "gain", TensorProto::FLOAT, {1}).add_float_data(0.5F);
  TensorProto& weight = AddTensor(graph, "w", TensorProto::FLOAT, {2, 3, 3, 3});
  for (int i = 0; i < 54; ++i) weight.add_float_data(static_cast<float>(i % 7) / 8);
  weight.set_doc_string("a weight");
  NodeProto& conv = AddNode(graph, "Conv", {"x", "w"}, {"conv"});
  conv.set_doc_string("File \"net.py\", line 1");
  AddInts(conv, "strides", {1, 1});
  AddInts(conv, "pads", {1, 1, 1, 1});
  NodeProto& pool = AddNode(graph, "MaxPool", {"conv"}, {"pool"});
  AddInts(pool, "kernel_shape", {2, 2});
  AddInts(pool, "strides", {2, 2});
  AddNode(graph, "Mul", {"pool", "gain"}, {"scaled"});
  AddTensor(graph, "yes", TensorProto::BOOL, {}).add_int32_data(1);
  AddIf(graph, "yes", "scaled", "chosen");
  AddLoop(graph, "chosen", "pool", "looped");
  AddNode(graph, "Dropout", {"looped"}, {"dropped", ""});
  AddNode(graph, "Add", {"dropped", AddElements(graph, opset, "gain")}, {"out"});
  SetType(*graph.add_value_info(), "conv", TensorProto::FLOAT, {1, 2, 4, 4});
  SetType(*graph.add_output(), "out", TensorProto::FLOAT, {1, 2, 2, 2});
  return model.SerializeAsString();
}

std::string OddModel() {
  ModelProto model;
  model.set_ir_version(8);
  model.set_model_version(3);
  model.set_domain("com.example");
  for (const auto& [domain, version] : {std::pair("com.example", 7), {"", 17}}) {
    ::onnx::OperatorSetIdProto& import = *model.add_opset_import();
    import.set_domain(domain);
    import.set_version(version);
  }
  GraphProto& graph = *model.mutable_graph();
  auto& input = *graph.add_input();
  SetType(input, "x", TensorProto::FLOAT, {});
  input.set_doc_string("an input");
  input.mutable_type()->mutable_tensor_type()->clear_shape();
  AddTensor(graph, "words", TensorProto::STRING, {2}).add_string_data("a");
  graph.mutable_initializer(0)->add_string_data("b");
  AddTensor(graph, "odd_type", 21, {1}).set_raw_data("\1");
  NodeProto& node = AddNode(graph, "Odd", {"x", "", "words"}, {"a", "", "b"});
  node.set_domain("com.example");
  node.set_name("twice");
  AddAttribute(node, "z", ::onnx::AttributeProto_AttributeType_STRINGS).add_strings("s");
  AddAttribute(node, "y", ::onnx::AttributeProto_AttributeType_FLOATS);
  AddAttribute(node, "x", ::onnx::AttributeProto_AttributeType_TENSOR)
      .mutable_t()
      ->set_raw_data("\1\2");
  AddAttribute(node, "w", ::onnx::AttributeProto_AttributeType_STRING)
      .set_s(std::string("\0\xff", 2));
  AddAttribute(node, "v", ::onnx::AttributeProto_AttributeType_FLOAT).set_f(-0.0F);
  AttributeProto& untyped = *node.add_attribute();  // as the first versions wrote them
  untyped.set_name("u");
  untyped.set_i(4);
  GraphProto& inner =
      *AddAttribute(node, "t", ::onnx::AttributeProto_AttributeType_GRAPHS).add_graphs();
  AddNode(inner, "Relu", {"x"}, {"inner"});
  NodeProto& second = AddNode(graph, "Identity", {"b"}, {"c"});
  second.set_name("twice");
  auto& sequence = *graph.add_value_info();
  sequence.set_name("a");
  sequence.mutable_type()->mutable_sequence_type()->mutable_elem_type();
  SetType(*graph.add_value_info(), "words", TensorProto::STRING, {2});
  SetType(*graph.add_value_info(), "nobody", TensorProto::FLOAT, {2});
  auto& output = *graph.add_output();
  SetType(output, "c", TensorProto::FLOAT, {});
  auto& shape = *output.mutable_type()->mutable_tensor_type()->mutable_shape();
  shape.add_dim()->set_dim_param("N");
  shape.add_dim();
  graph.add_output()->set_name("words");
  ::onnx::FunctionProto& function = *model.add_functions();
  function.set_name("Odd");
  function.set_domain("com.example");
  ::onnx::SparseTensorProto& sparse = *graph.add_sparse_initializer();
  sparse.mutable_values()->set_name("sparse");
  AddNode(graph, "Identity", {"sparse"}, {"d"});
  return model.SerializeAsString();
}

std::string NormalText(const std::string& bytes) {
  ModelProto model;
  if (!model.ParseFromString(bytes)) return "is not a model";
  GraphProto& graph = *model.mutable_graph();
  for (NodeProto& node : *graph.mutable_node()) {
    Sort(*node.mutable_attribute(), [](const auto& each) { return each.name(); });
  }
  for (TensorProto& tensor : *graph.mutable_initializer()) Normalize(tensor);
  const auto name_of = [](const auto& each) { return each.name(); };
  Sort(*graph.mutable_initializer(), name_of);
  Sort(*graph.mutable_value_info(), name_of);
  Sort(*model.mutable_opset_import(), [](const auto& each) { return each.domain(); });
  for (auto& import : *model.mutable_opset_import()) import.set_domain(import.domain());
  for (NodeProto& node : *graph.mutable_node()) node.set_name(node.name());
  graph.set_name(graph.name());
  model.set_producer_name(model.producer_name());
  model.set_producer_version(model.producer_version());
  return model.DebugString();
}

}  // namespace yoloport::onnx::read
