// The safetensors format: the length of a JSON header, the header, and the tensors' bytes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "checkpoint/checkpoint.h"

namespace yoloport {

struct SafetensorsFile {
  std::vector<NamedTensor> tensors;  // in the order of the header
  std::string config_text;           // `config` or `cfg` of __metadata__; "" when it has neither
};

// Throws CheckpointError when the header is not well-formed or the data it describes does not fill
// the file exactly. Element types that Tensor lacks (float8) give a NamedTensor with a problem.
SafetensorsFile ReadSafetensors(const std::shared_ptr<const MappedFile>& file);

}  // namespace yoloport
