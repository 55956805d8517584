#include <algorithm>

#include "base/text.h"
#include "serve/targets.h"
#include "yoloport/error.h"

namespace yoloport::serve {

void AddModel(const ServedModel& model, const std::filesystem::path& folder,
              PackageFolder& package) {
  const char* name = "model.onnx";
  if (std::ranges::count(model.data_files, name) > 0) {
    throw ModelError(base::Quote(model.file.native()) + ": keeps weights in a file called " + name +
                         ", which the model itself is to be called in the package",
                     "yoloport set writes it as one file");
  }
  package.Copy(folder / name, model.file);
  for (const auto& data : model.data_files) {
    package.Copy(folder / data, model.file.parent_path() / data);
  }
}

}  // namespace yoloport::serve
