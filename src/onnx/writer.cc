#include "onnx/writer.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include <cassert>

#include "base/atomic_file.h"
#include "base/mapped_file.h"
#include "base/text.h"
#include "onnx/proto.h"
#include "tensor/arithmetic.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

// Field numbers of onnx.proto, and protobuf's wire type for "length, then bytes".
constexpr int kModelGraph = 7;
constexpr int kGraphInitializer = 5;
constexpr int kTensorRawData = 9;
constexpr int kLengthDelimited = 2;

constexpr std::uint64_t kLargestMessage = (std::uint64_t{1} << 31) - 1;  // protobuf's limit

std::string FieldHeader(int field, std::uint64_t length) {
  std::string text;
  google::protobuf::io::StringOutputStream stream(&text);
  google::protobuf::io::CodedOutputStream coded(&stream);
  coded.WriteVarint32(static_cast<std::uint32_t>(field << 3 | kLengthDelimited));
  coded.WriteVarint64(length);
  coded.Trim();
  return text;
}

// Protobuf sorts nothing that we use (no maps), so this is the same each time.
std::string Serialize(const google::protobuf::MessageLite& message) {
  return message.SerializeAsString();
}

onnx::ModelProto ModelWithoutGraph(const graph::Graph& graph, const OnnxHeader& header) {
  onnx::ModelProto model;
  model.set_ir_version(IrVersion(graph.opset()));
  model.set_producer_name("yoloport");
  model.set_producer_version(header.producer_version);
  onnx::OperatorSetIdProto& opset = *model.add_opset_import();
  opset.set_domain("");
  opset.set_version(graph.opset());
  std::map<std::string, int> domains;
  for (const graph::Node& node : graph.nodes()) {
    if (!node.domain.empty()) domains[node.domain] = 1;
  }
  for (const auto& [domain, version] : domains) {
    onnx::OperatorSetIdProto& entry = *model.add_opset_import();
    entry.set_domain(domain);
    entry.set_version(version);
  }
  return model;
}

// Fields of a message may come in any order: these follow the graph.
onnx::ModelProto MetadataFields(const MetadataSource& metadata, const std::vector<NonFinite>& odd) {
  onnx::ModelProto model;
  if (!metadata) return model;
  for (const auto& [key, value] : metadata(odd)) {
    onnx::StringStringEntryProto& entry = *model.add_metadata_props();
    entry.set_key(key);
    entry.set_value(value);
  }
  return model;
}

void CheckSize(std::uint64_t bytes) {
  if (bytes <= kLargestMessage) return;
  throw ModelError("the model would take " + SizeText(bytes) +
                   "; an ONNX file holds at most 2 GiB");
}

// A weight that is written behind the message: everything up to its elements.
struct Streamed {
  int id;
  std::string header;
  std::uint64_t bytes;  // of elements
};

std::vector<Streamed> StreamedConstants(const graph::Graph& graph) {
  std::vector<Streamed> streamed;
  for (const int id : graph.constants()) {
    const graph::Graph::ValueData& constant = graph.value(id);
    if (IsInline(constant)) continue;
    const std::uint64_t bytes =
        static_cast<std::uint64_t>(ElementCount(constant.shape)) * ElementSize(constant.dtype);
    const std::string tensor =
        Serialize(TensorHeader(constant)) + FieldHeader(kTensorRawData, bytes);
    streamed.push_back({id, FieldHeader(kGraphInitializer, tensor.size() + bytes) + tensor, bytes});
  }
  return streamed;
}

Tensor Elements(const graph::Graph::ValueData& constant) {
  Tensor tensor = std::get<graph::LazyTensor>(constant.constant).make();
  assert(tensor.dtype() == constant.dtype && tensor.shape() == constant.shape);
  return tensor;
}

void AddNonFinite(const std::string& name, const Tensor& elements, std::vector<NonFinite>& odd) {
  if (const std::size_t count = CountNonFinite(elements); count > 0) odd.push_back({name, count});
}

// Of the constants that are part of the message, such as biases.
std::vector<NonFinite> InlineNonFinite(const graph::Graph& graph) {
  std::vector<NonFinite> odd;
  for (const int id : graph.constants()) {
    const graph::Graph::ValueData& constant = graph.value(id);
    if (!IsInline(constant)) continue;
    AddNonFinite(constant.name, std::get<Tensor>(constant.constant), odd);
  }
  return odd;
}

// Checker and strict shape inference: what is inferred must agree with the outputs' declared types.
void Check(onnx::ModelProto& model) {
  try {
    onnx::checker::check_model(model);
    onnx::ShapeInferenceOptions options;
    options.check_type = true;
    options.error_mode = 1;
    options.enable_data_propagation = true;
    onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), options);
  } catch (const std::bad_alloc&) {
    throw;  // says nothing about the graph
  } catch (const std::exception& error) {
    throw ModelError("the ONNX checker refuses the graph: " + std::string(error.what()),
                     "this is a mistake in yoloport; please report it with the config");
  }
}

}  // namespace

void CheckOnnx(const graph::Graph& graph) {
  onnx::ModelProto model = ModelWithoutGraph(graph, {});
  *model.mutable_graph() = ToProto(graph, "check");
  for (const Streamed& weight : StreamedConstants(graph)) {
    *model.mutable_graph()->add_input() = TypeProto(graph.value(weight.id));
  }
  Check(model);
}

void CheckOnnxFile(const std::filesystem::path& path) {
  const auto file = MappedFile::Open(path);
  onnx::ModelProto model;
  if (!model.ParseFromArray(file->bytes().data(), static_cast<int>(file->bytes().size()))) {
    throw ModelError(Quote(path.native()) + ": not an ONNX file");
  }
  Check(model);
}

std::uint64_t WriteOnnx(const graph::Graph& graph, const OnnxHeader& header,
                        const std::filesystem::path& path, const MetadataSource& metadata) {
  const std::string model = Serialize(ModelWithoutGraph(graph, header));
  const std::string nodes = Serialize(ToProto(graph, header.graph_name));
  const std::vector<Streamed> weights = StreamedConstants(graph);
  std::uint64_t graph_size = nodes.size();
  for (const Streamed& weight : weights) graph_size += weight.header.size() + weight.bytes;
  const std::string graph_header = FieldHeader(kModelGraph, graph_size);
  const std::uint64_t before_metadata = model.size() + graph_header.size() + graph_size;
  CheckSize(before_metadata);
  AtomicFile file(path);
  file.Write(model);
  file.Write(graph_header);
  file.Write(nodes);
  std::vector<NonFinite> odd = InlineNonFinite(graph);
  for (const Streamed& weight : weights) {
    const graph::Graph::ValueData& constant = graph.value(weight.id);
    const Tensor elements = Elements(constant);
    file.Write(weight.header);
    file.Write(elements.bytes());
    AddNonFinite(constant.name, elements, odd);
  }
  const std::string last = Serialize(MetadataFields(metadata, odd));
  CheckSize(before_metadata + last.size());
  file.Write(last);
  file.Commit();
  return before_metadata + last.size();
}

}  // namespace yoloport
