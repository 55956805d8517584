#include "base/folders.h"

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport::base {

void MakeFolders(const std::filesystem::path& folder) {
  if (folder.empty()) return;
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw FileError(Quote(folder.native()) + ": cannot be created: " + error.message());
}

}  // namespace yoloport::base
