// A folder that a model server takes as it is, made from an exported file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yoloport {

struct PackageOptions {
  std::filesystem::path model = {};   // an end-to-end file that yoloport wrote
  std::string target = {};            // one of PackageTargets()
  std::filesystem::path output = {};  // the folder to make; one that is there must be empty
  // What the server calls the model: letters, digits, _, - and . (kserve: lower case, digits and
  // -). Empty: the file's name, with what does not go replaced.
  std::string name = {};
  int max_batch = 8;  // images that the server may join, where the file takes any number
  // Of kserve: where the cluster finds the folder `models` of the package. Empty: on the volume
  // "models".
  std::string storage_uri = {};
};

// triton, ovms, kserve, deepstream: docs/serving.md.
std::vector<std::string> PackageTargets();

struct PackageReport {
  std::filesystem::path folder;
  std::string name;                          // of the model
  std::vector<std::filesystem::path> files;  // within the folder, sorted
  std::vector<std::string> notes;            // what is left to do
};

// Makes the folder in one step: on any error there is none, and nothing else is touched. Throws
// UsageError (an option, or a file that the target cannot take), ModelError (not such a file),
// FileError.
PackageReport Package(const PackageOptions& options);

}  // namespace yoloport
