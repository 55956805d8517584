// Reading the small text files of the command line: lists of inputs, colours.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yoloport::tool {

// The lines of a file, or of a pipe that somebody writes into (`<(command)`), without their ends.
// A byte order mark is dropped, and UTF-16 becomes UTF-8. Throws FileError - also for damaged
// UTF-16, a pipe that nobody writes into for a few seconds, and more than 256 MiB.
std::vector<std::string> ReadLines(const std::filesystem::path& path);

}  // namespace yoloport::tool
