// The operators of an ONNX file that are not ONNX's own, such as plugins: for tests.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace yoloport {

struct ForeignNode {
  std::string op;
  std::string domain;
  int inputs = 0;
  int outputs = 0;
  std::map<std::string, graph::Attribute> attributes;  // numbers and texts; no lists
};

// In the order of the file. Throws ModelError when it is no ONNX file or an attribute is a list.
std::vector<ForeignNode> ReadForeignNodes(const std::filesystem::path& path);

}  // namespace yoloport
