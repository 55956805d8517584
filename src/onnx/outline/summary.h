// What an ONNX file holds, read without loading libonnx or touching the weights.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace yoloport::onnx::outline {

struct OnnxValue {
  std::string name;
  std::string type;                  // "float32" ...; "" for what is no tensor
  std::vector<std::string> extents;  // numbers, names of dynamic ones, or "?"
  bool optional = false;             // an input for which the file has a value
};

struct OnnxSummary {
  std::int64_t ir_version = 0;
  std::string producer;                        // name and version
  std::map<std::string, std::int64_t> opsets;  // by domain; ONNX's own is "ai.onnx"
  std::vector<OnnxValue> inputs;
  std::vector<OnnxValue> outputs;
  std::map<std::string, std::int64_t>
      operators;                                // how many nodes of each; "DOMAIN::NAME" of others
  std::map<std::string, std::int64_t> weights;  // elements by element type
  std::uint64_t bytes = 0;                      // of the file
  std::map<std::string, std::string> metadata;
};

// Throws FileError, or ModelError when the file is no ONNX file or broken.
OnnxSummary ReadOnnxSummary(const std::filesystem::path& path);

}  // namespace yoloport::onnx::outline
