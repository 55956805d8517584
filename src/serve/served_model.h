// An exported file as a server's configuration describes it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "contract/model_card.h"

namespace yoloport::serve {

struct ServedTensor {
  std::string name;
  std::string type;                // "float32" ...
  std::vector<std::int64_t> dims;  // with the batch first; -1: known only when run
};

struct ServedModel {
  std::filesystem::path file;
  std::vector<std::filesystem::path> data_files;  // with its weights; relative to its folder
  contract::ModelCard info;
  ServedTensor input;  // optional inputs have defaults and are left to them
  // Optional, too, but of each image: how large boxes must be in pixels of the input (docs/nms.md).
  std::optional<ServedTensor> min_box;
  std::vector<ServedTensor> outputs;  // in the file's order

  // The first extent of the input and of every output is open.
  bool takes_any_batch() const;
  // The file takes any size, and that of its input is to turn with the image.
  bool turns() const;
  int stride() const;  // the largest
  // The input with open extents as they usually are: one image of the preprocessing's size.
  std::vector<std::int64_t> UsualInput() const;
  // The backends whose NMS is a plugin of TensorRT.
  bool is_for_tensorrt() const;
};

// Throws FileError, or ModelError when `file` is no end-to-end file that yoloport wrote.
ServedModel ReadServedModel(const std::filesystem::path& file);

}  // namespace yoloport::serve
