// What an opened checkpoint holds; shared by Checkpoint and Weights.
#pragma once

#include "base/mapped_file.h"
#include "checkpoint/checkpoint.h"
#include "checkpoint/module_tree.h"

namespace yoloport::checkpoint {

struct Checkpoint::Contents {
  std::filesystem::path path;
  std::shared_ptr<const base::MappedFile> file;
  std::uint64_t file_size = 0;
  std::string format;
  std::vector<NamedTensor> tensors;
  std::optional<ModuleTree> modules;
  CheckpointMeta meta;
  std::vector<std::string> unknown_classes;
  std::vector<std::string> notes;
};

}  // namespace yoloport::checkpoint
