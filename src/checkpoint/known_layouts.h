// What network a checkpoint is of, told from its keys and shapes alone.
#pragma once

#include <span>
#include <string>

#include "checkpoint/checkpoint.h"

namespace yoloport::checkpoint {

// For a message: "the checkpoint's own keys and shapes are those of YOLOv5-s with 80 classes", or
// "... are nearest to ..." where width or depth are of no size that MMYOLO trains. Of a network as
// another framework names its keys it says which, and what renames them. Empty where it is of none
// of these.
std::string DescribeLayout(std::span<const NamedTensor> tensors);

// The same, of frameworks whose files hold the whole network and need no config; else empty.
std::string DescribeWholeNetworks(std::span<const NamedTensor> tensors);

}  // namespace yoloport::checkpoint
