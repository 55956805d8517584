// The two containers in which torch.save writes: a zip archive, and before torch 1.6 a row of
// pickles.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "checkpoint/storage.h"
#include "formats/pickle/pickle_value.h"

namespace yoloport::checkpoint {

// A torch file whose pickle has been read and whose storages can be. `root` points into the
// document it was read into, whose texts are views into the file or into what `pickle_owner` keeps.
// Neither it nor the loader may outlive that document; the storages that the loader gives may.
struct TorchFile {
  const formats::pickle::Value* root = nullptr;
  StorageLoader loader;
  std::shared_ptr<const void> pickle_owner;
};

// Both throw CheckpointError. `notes` gets what a user should be told.
TorchFile ReadTorchZip(const std::shared_ptr<const base::MappedFile>& file,
                       formats::pickle::PickleDocument& document, std::vector<std::string>& notes);
TorchFile ReadTorchLegacy(std::shared_ptr<const base::MappedFile> file,
                          formats::pickle::PickleDocument& document);

}  // namespace yoloport::checkpoint
