#include "onnx/foreign_nodes.h"

#include <onnx/onnx_pb.h>

#include "base/mapped_file.h"
#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

graph::Attribute Value(const onnx::AttributeProto& attribute) {
  switch (attribute.type()) {
    case onnx::AttributeProto::INT:
      return std::int64_t{attribute.i()};
    case onnx::AttributeProto::FLOAT:
      return attribute.f();
    case onnx::AttributeProto::STRING:
      return attribute.s();
    default:
      throw ModelError("the attribute " + Quote(attribute.name()) + " is no number and no text");
  }
}

}  // namespace

std::vector<ForeignNode> ReadForeignNodes(const std::filesystem::path& path) {
  const auto file = MappedFile::Open(path);
  onnx::ModelProto model;
  if (!model.ParseFromArray(file->bytes().data(), static_cast<int>(file->bytes().size()))) {
    throw ModelError(Quote(path.native()) + ": not an ONNX file");
  }
  std::vector<ForeignNode> nodes;
  for (const onnx::NodeProto& node : model.graph().node()) {
    if (node.domain().empty()) continue;
    ForeignNode foreign{node.op_type(), node.domain(), node.input_size(), node.output_size(), {}};
    for (const onnx::AttributeProto& attribute : node.attribute()) {
      foreign.attributes[attribute.name()] = Value(attribute);
    }
    nodes.push_back(std::move(foreign));
  }
  return nodes;
}

}  // namespace yoloport
