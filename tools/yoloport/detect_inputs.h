// Which images and videos to look at, and what their annotated copies are called.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "detect_names.h"

namespace yoloport::tool {

enum class InputKind { kImage, kVideo, kCamera, kStream };

struct Item {
  InputKind kind = InputKind::kImage;
  std::filesystem::path source;  // a path, a camera's number or an address, as the user gave it
  std::filesystem::path name;    // of the annotated copy, below the folder for output
  std::filesystem::path labels = {};  // below the folder for labels; a video's is for FrameFile()
};

struct InputOptions {
  std::vector<std::string> inputs;  // as on the command line
  bool recursive = false;  // folders with all folders in them; links to folders are not followed
  std::filesystem::path out_dir;
};

struct Inputs {
  std::vector<Item> items;                   // in order: inputs as given, a folder's images by name
  std::vector<std::filesystem::path> lists;  // the .txt files that were read
  std::vector<std::string> problems;         // what is missing or empty, a line each
  std::size_t skipped = 0;  // files of macOS in folders and globs ("._a.jpg") that are no pictures
};

// Looks into folders, globs and lists. A folder's tree is kept in the names; `out_dir` is not
// looked into when it lies in a folder. The paths in a list are relative to the list's folder.
Inputs CollectInputs(const InputOptions& options);

// A file that will be written.
struct OutputFile {
  std::filesystem::path path;
  std::string what;  // for the message: "--json", "the picture"
  Naming naming = Naming::kFile;
};

// Throws UsageError when an output is one of the files that are read, `inputs` or `others`, or two
// outputs are one file.
void CheckNothingIsReplaced(const Inputs& inputs, const std::vector<std::filesystem::path>& others,
                            const std::vector<OutputFile>& outputs);

}  // namespace yoloport::tool
