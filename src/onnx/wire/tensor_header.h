// What a TensorProto says before its elements.
#pragma once

#include <cstdint>
#include <string_view>

#include "tensor/tensor.h"

namespace yoloport {

struct OnnxTensor {
  std::string_view name;
  std::int64_t type = 0;  // TensorProto.DataType
  Shape dims;
  std::string_view raw;  // of raw_data; other fields of elements are not read
};

// Reads `message`, a TensorProto; elements are not touched. False when it is broken.
bool ReadTensorHeader(std::string_view message, OnnxTensor& tensor);

// TensorProto.DataType's number as a DType; false when there is none.
bool FromOnnxType(std::int64_t type, DType& dtype);

}  // namespace yoloport
