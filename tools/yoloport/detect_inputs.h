// Which images to look at, and where their annotated copies go.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace yoloport::tool {

struct Item {
  std::filesystem::path image;
  std::filesystem::path picture;  // annotated, to be written; empty: not saved
};

struct InputOptions {
  std::vector<std::string> inputs;  // files and folders
  bool recursive = false;  // folders with all folders in them; links to folders are not followed
  bool save = true;
  std::filesystem::path out_dir;
  std::vector<std::filesystem::path> protect;  // other files that must not be written over
};

// The images in order: files as given, folders' images by name. A folder's tree is kept under
// out_dir (and out_dir itself is not looked into); pictures that would have the same name get -2,
// -3 ... . `problems` gets a line for each input that is missing or a folder without images. Throws
// UsageError when a picture would replace an input or a protected file.
std::vector<Item> CollectInputs(const InputOptions& options, std::vector<std::string>& problems);

}  // namespace yoloport::tool
