// The safetensors format: the length of a JSON header, the header, and the tensors' bytes.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace yoloport::formats::safetensors {

// A tensor as the header describes it.
struct SafetensorsEntry {
  std::string key;
  std::string type;                    // "F32" ..., as it stands there
  std::optional<tensor::DType> dtype;  // of that name; none for types that Tensor lacks (float8)
  tensor::Shape shape;
  std::span<const std::byte> bytes;  // a view of the file, as many as dtype and shape need
};

struct SafetensorsFile {
  std::vector<SafetensorsEntry> tensors;  // in the order of the header
  std::string config_text;                // `config` or `cfg` of __metadata__; "" without either
};

// Throws CheckpointError when the header is not well-formed or the data it describes does not fill
// the file exactly.
SafetensorsFile ReadSafetensors(std::span<const std::byte> file);

}  // namespace yoloport::formats::safetensors
