// What mmdeploy's SDK wants beside a model: deploy.json (which model, for which runtime),
// pipeline.json (how images are prepared, what reads the outputs) and detail.json (what the model
// was made of).
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "contract/model_card.h"
#include "yoloport/export.h"

namespace yoloport::targets {

class MmdeployFiles {
 public:
  // Where the three files of a model stand.
  static std::array<std::filesystem::path, 3> Paths(const std::filesystem::path& model);

  // Writes them for the file that `options` ask for and `info` describes, under temporary names.
  // What the SDK does unlike the preprocessing is added to `notes`. Throws FileError.
  MmdeployFiles(const contract::ModelCard& info, const ExportOptions& options,
                std::vector<std::string>& notes);

  // Gives them their names.
  void Commit();

 private:
  std::vector<std::unique_ptr<base::AtomicFile>> files_;
};

}  // namespace yoloport::targets
