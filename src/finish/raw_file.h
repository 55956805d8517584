// A file that ends with raw heads, as it is read.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "contract/model_card.h"
#include "onnx/read/reader.h"

namespace yoloport::finish {

struct RawFile {
  onnx::read::OnnxFile onnx;  // nodes in their order; types as far as they are stated or inferred
  std::string name;           // quoted, for messages
  int image = -1;             // the one value that callers give
  std::vector<int> outputs;   // maps of four axes, of floats
  std::optional<contract::ModelCard> card;  // of a file that yoloport wrote

  graph::Graph& net() const { return *onnx.graph; }
};

// Reads the file at `path`, whose raw outputs are the values called `outputs`, or all of its
// outputs where none are named. Other inputs than the image become constants. Throws FileError,
// ModelError that says what was found and expected, and UsageError where a name is not in the file.
RawFile ReadRawFile(const std::filesystem::path& path, const std::vector<std::string>& outputs);

}  // namespace yoloport::finish
