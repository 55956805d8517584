// Numpy's .npz files, for tests that compare with recorded results.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "tensor/tensor.h"

namespace yoloport::test_support {

// The arrays of an .npz file by name; little-endian, C order. Throws Error at anything else.
std::map<std::string, tensor::Tensor> ReadNpz(const std::filesystem::path& path);

}  // namespace yoloport::test_support
