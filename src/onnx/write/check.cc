#include <onnx/checker.h>
#include <onnx/shape_inference/implementation.h>

#include "base/mapped_file.h"
#include "base/text.h"
#include "onnx/wire/proto_fields.h"
#include "onnx/wire/wire_edit.h"
#include "onnx/write/encode.h"
#include "onnx/write/writer.h"
#include "yoloport/error.h"

namespace yoloport::onnx::write {
namespace {

// Checker and strict shape inference: what is inferred must agree with the outputs' declared types.
void Check(::onnx::ModelProto& model) {
  try {
    ::onnx::checker::check_model(model);
    ::onnx::ShapeInferenceOptions options;
    options.check_type = true;
    options.error_mode = 1;
    options.enable_data_propagation = true;
    ::onnx::shape_inference::InferShapes(model, ::onnx::OpSchemaRegistry::Instance(), options);
  } catch (const std::bad_alloc&) {
    throw;  // says nothing about the graph
  } catch (const std::exception& error) {
    throw ModelError("the ONNX checker refuses the graph: " + std::string(error.what()),
                     "this is a mistake in yoloport; please report it with the config");
  }
}

}  // namespace

std::string EncodeWithoutWeights(const graph::Graph& graph) {
  std::string out = EncodeNodes(graph);
  wire::AppendBytes(out, wire::graph_proto::kName, "check");
  out += EncodeTypes(graph);
  const auto add = [&](const graph::Graph::ValueData& value, const tensor::Tensor& elements) {
    std::string tensor = EncodeTensorHeader(value);
    const auto bytes = elements.bytes();
    wire::AppendBytes(tensor, wire::tensor_proto::kRawData,
                      {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    wire::AppendBytes(out, wire::graph_proto::kInitializer, tensor);
  };
  for (const int id : graph.inputs()) {
    const graph::Graph::ValueData& input = graph.value(id);
    if (input.default_value) add(input, *input.default_value);
  }
  for (const int id : graph.constants()) {
    const graph::Graph::ValueData& constant = graph.value(id);
    if (const auto* tensor = std::get_if<tensor::Tensor>(&constant.constant)) {
      add(constant, *tensor);
    } else {
      wire::AppendBytes(out, wire::graph_proto::kInput, EncodeValue(constant));
    }
  }
  return out;
}

void CheckOnnx(const graph::Graph& graph) {
  std::string bytes = EncodeModelStart(graph, {});
  wire::AppendBytes(bytes, wire::model_proto::kGraph, EncodeWithoutWeights(graph));
  ::onnx::ModelProto model;
  if (!model.ParseFromString(bytes)) throw ModelError("the graph is too large to be checked");
  Check(model);
}

void CheckOnnxFile(const std::filesystem::path& path) {
  const auto file = base::MappedFile::Open(path);
  ::onnx::ModelProto model;
  if (!model.ParseFromArray(file->bytes().data(), static_cast<int>(file->bytes().size()))) {
    throw ModelError(base::Quote(path.native()) + ": not an ONNX file");
  }
  Check(model);
}

}  // namespace yoloport::onnx::write
