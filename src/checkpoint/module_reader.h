// From a pickle to the module in it.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/module_tree.h"
#include "checkpoint/storage.h"
#include "formats/pickle/pickle_value.h"

namespace yoloport::checkpoint {

// The module that frameworks take of what was saved: `ema`, or else `model`, or `root` itself; null
// where none of them is a module, or where the file has weights beside it (`state_dict`).
const formats::pickle::Value* FindModule(const formats::pickle::Value& root,
                                         std::vector<std::string>& notes);

// A module and its tensors.
struct ReadModules {
  ModuleTree tree;
  std::vector<NamedTensor> tensors;        // as its state_dict() has them
  std::set<std::string_view> class_names;  // of all modules
};

// What a tree of modules lies in.
struct ModuleFile {
  std::filesystem::path path;
  std::shared_ptr<const base::MappedFile> file;
  std::shared_ptr<const formats::pickle::PickleDocument> document;
  std::shared_ptr<const void> pickle_owner;  // of texts of the document
  StorageLoader loader;
};

// Reads `module`, which FindModule() gave for `root`, both of the document of `file`. Throws
// CheckpointError where a module holds itself or is malformed, or where they are more than limits.h
// allows.
ReadModules ReadModuleTree(ModuleFile file, const formats::pickle::Value& root,
                           const formats::pickle::Value& module);

}  // namespace yoloport::checkpoint
