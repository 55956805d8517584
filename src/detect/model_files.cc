#include "detect/foreign_file.h"
#include "onnx/outline/structure.h"
#include "runtime/engine_info.h"
#include "runtime/ir_file.h"
#include "yoloport/model_description.h"

namespace yoloport {

std::vector<std::filesystem::path> ModelFiles(const std::filesystem::path& model) {
  if (runtime::IsEngineFile(model)) return {model, runtime::EngineInfoPath(model)};
  if (runtime::IsIrFile(model)) {
    return {model, runtime::IrWeightsPath(model), detect::MetadataFileOf(model)};
  }
  std::vector<std::filesystem::path> files = onnx::outline::DataFilesOf(model);
  files.insert(files.begin(), model);
  return files;
}

}  // namespace yoloport
