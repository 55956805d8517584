#include "runtime/ir_file.h"

#include "base/mapped_file.h"
#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::runtime {

bool IsIrFile(const std::filesystem::path& path) { return base::LowerExtension(path) == ".xml"; }

std::filesystem::path IrWeightsPath(const std::filesystem::path& graph) {
  return std::filesystem::path(graph).replace_extension(".bin");
}

void CheckIrFiles(const std::filesystem::path& graph) {
  constexpr std::size_t kBegin = 1024;  // bytes; the root element comes first
  const auto file = base::MappedFile::Open(graph);
  if (file->text().substr(0, kBegin).find("<net") == std::string_view::npos) {
    throw ModelError(base::Quote(graph.native()) + ": is not an OpenVINO model",
                     "such a file begins with the element net");
  }
  const std::filesystem::path weights = IrWeightsPath(graph);
  try {
    base::MappedFile::Open(weights);
  } catch (const FileError& error) {
    throw FileError(
        error.message() + "; the weights of " + base::Quote(graph.native()) + " are kept there",
        "put both files into one folder");
  }
}

}  // namespace yoloport::runtime
