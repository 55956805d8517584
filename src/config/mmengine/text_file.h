// Reading and checking the text of a config.
#pragma once

#include <filesystem>
#include <string>

#include "config/python/source.h"

namespace yoloport::config::mmengine {

// At most kMaxFileBytes of a regular file. Throws FileError.
std::string ReadTextFile(const std::filesystem::path& path);

// Refuses what is no text: too long, NUL bytes, UTF-16, not UTF-8. A byte order mark is dropped;
// line ends become \n. Throws ConfigError that starts with `name`.
void CheckText(std::string& text, const std::string& name);

}  // namespace yoloport::config::mmengine
