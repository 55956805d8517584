// Folders that outputs are to lie in.
#pragma once

#include <filesystem>

namespace yoloport::base {

// Creates `folder` and those above it; nothing where it is "" or there already. Throws FileError.
void MakeFolders(const std::filesystem::path& folder);

}  // namespace yoloport::base
