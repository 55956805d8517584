// Looking at an ONNX file before a runtime does.
#pragma once

#include <filesystem>
#include <vector>

namespace yoloport::base {
class MappedFile;
}

namespace yoloport::onnx::outline {

// Throws ModelError, beginning with the file's name, when the file
// - names data outside its own folder - by an absolute path, `..` or a link -, or an extent of them
//   that is negative or past their end;
// - needs an opset of ONNX later than kNewestOpset, or an operator that ONNX does not have;
// - is no graph: nodes that need each other's results, nodes or outputs that need a name which
//   nothing in this graph or the graphs around it gives, or graphs nested deeper than
//   kMaxGraphDepth.
//
// It reads names and lengths only, no weights. What else may be wrong with a file is left to the
// runtime, which parses it again. Throws FileError when the file cannot be read.
//
// Gives the files in which tensors keep their elements, sorted, as the model names them: relative
// to its own folder.
std::vector<std::filesystem::path> CheckOnnxStructure(const std::filesystem::path& path);
std::vector<std::filesystem::path> CheckOnnxStructure(const base::MappedFile& file);

// The same files as paths of their own, for those who must not overwrite them: none where `model`
// is missing or refused, of which others tell.
std::vector<std::filesystem::path> DataFilesOf(const std::filesystem::path& model);

}  // namespace yoloport::onnx::outline
