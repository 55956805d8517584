// What an ONNX file says about itself.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace yoloport::base {
class MappedFile;
}

namespace yoloport::onnx::outline {

// All `metadata_props` of an ONNX file, read without loading the graph or the weights.
// Throws FileError, or ModelError when the file is no ONNX file.
std::map<std::string, std::string> ReadOnnxMetadata(const std::filesystem::path& path);
std::map<std::string, std::string> ReadOnnxMetadata(const base::MappedFile& file);

}  // namespace yoloport::onnx::outline
