// Looking into the files that yoloport reads, as text or JSON.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace yoloport {

struct InspectOptions {
  std::vector<std::string> cfg_options;  // configs: "a.b=value"
  std::map<std::string, std::filesystem::path>
      packages;  // configs: package -> folder of its configs
};

enum class ConfigFormat {
  kJson,    // tuples become arrays
  kPython,  // a Python literal, tuples stay tuples
};

struct ConfigInspection {
  std::string text;                // the evaluated config
  std::vector<std::string> notes;  // what is not as the file says: where bases were found ...
};

// Throws ConfigError or FileError.
ConfigInspection InspectConfig(const std::filesystem::path& path, ConfigFormat format,
                               const InspectOptions& options = {});

// What a checkpoint holds: format, epoch, classes, tensors, unknown classes met. For people, or as
// JSON. Throws CheckpointError or FileError.
std::string InspectCheckpoint(const std::filesystem::path& path, bool json);

// What an ONNX file holds: family, inputs, outputs, thresholds, classes, preprocessing, operators,
// weights; of a file that yoloport did not write, what can be said. For people, or as JSON. Throws
// ModelError or FileError.
std::string InspectModel(const std::filesystem::path& path, bool json);

}  // namespace yoloport
