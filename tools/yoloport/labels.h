// Colours of classes from a file, and finding classes by their names.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "yoloport/types.h"

namespace yoloport::tool {

// One colour a line: "#rrggbb", or red, green and blue to 255 apart by spaces or commas. Throws
// FileError, and UsageError for a line that is none.
std::vector<Rgb> ReadColours(const std::filesystem::path& path);

// By label, whether one of the lists "a,b" names it: by the name of a class or, for models that
// have no names, class_N. A class whose name has commas is found, too: where a list goes on with
// such a name, the longest is meant. Throws UsageError for a name that is not known, with the
// nearest one.
std::vector<bool> FindClasses(std::span<const std::string> lists,
                              std::span<const std::string> classes);

}  // namespace yoloport::tool
