// Single messages of a file as parts of a graph. All give false for a message that is broken.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "graph/graph.h"

namespace yoloport::onnx::read {

// An AttributeProto: its name, and its value where that is one number or text or a list of numbers;
// anything else is graph::Raw.
bool ReadAttribute(std::string_view message, std::string_view& name, graph::Attribute& attribute);

// A ValueInfoProto: name, and type and shape where it is a tensor of a DType with extents that can
// be counted; anything else is `raw_type`. What is not stated is not known.
bool ReadValueInfo(std::string_view message, graph::Graph::ValueData& value);

// The name of a ValueInfoProto.
bool ReadValueName(std::string_view message, std::string_view& name);

}  // namespace yoloport::onnx::read
