// OpenVINO's own files: a graph as XML, MODEL.xml, and its weights beside it, MODEL.bin.
#pragma once

#include <filesystem>

namespace yoloport::runtime {

// Whether the name is that of such a graph: .xml.
bool IsIrFile(const std::filesystem::path& path);

// Where the weights of a graph stand.
std::filesystem::path IrWeightsPath(const std::filesystem::path& graph);

// Throws FileError where one of the two cannot be read, and ModelError where the first is not such
// a graph. What is in them is left to OpenVINO.
void CheckIrFiles(const std::filesystem::path& graph);

}  // namespace yoloport::runtime
