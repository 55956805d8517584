// What a TensorProto says before its elements.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "tensor/tensor.h"

namespace yoloport::onnx::wire {

struct OnnxTensor {
  std::string_view name;
  std::int64_t type = 0;  // TensorProto.DataType
  tensor::Shape dims;
  std::string_view raw;  // of raw_data; other fields of elements are not read
};

// Reads `message`, a TensorProto; elements are not touched. False when it is broken.
bool ReadTensorHeader(std::string_view message, OnnxTensor& tensor);

// TensorProto.DataType's number as a DType; false when there is none.
bool FromOnnxType(std::int64_t type, tensor::DType& dtype);
std::int64_t ToOnnxType(tensor::DType dtype);

// Where the elements of a tensor lie that are not in the file itself: the entries of its
// `external_data`, "" for those that are missing.
struct ExternalData {
  std::string_view location, offset, length;
  bool given = false;  // any entry
  bool used = false;   // `data_location` says so
};

// Of `message`, a TensorProto. False when it is broken.
bool ReadExternalData(std::string_view message, ExternalData& external);

struct ByteRange {
  std::uint64_t offset = 0, length = 0;
};

// The bytes that `external` means of a file of `size` bytes: without a length, all from its offset.
// Nothing where they are not within the file.
std::optional<ByteRange> RangeOf(const ExternalData& external, std::uint64_t size);

}  // namespace yoloport::onnx::wire
