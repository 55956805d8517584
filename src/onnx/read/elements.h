// The elements of a TensorProto, in whatever way they are stored.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "tensor/tensor.h"

namespace yoloport::onnx::read {

// The bytes of a tensor of this shape; nothing for a negative extent, or one of so many elements
// that counting them could overflow.
std::optional<std::uint64_t> BytesOf(tensor::DType dtype, const tensor::Shape& shape);

// How many elements `message`, a TensorProto, has in the field that is for `dtype`: `float_data`,
// `int32_data` ... Nothing when the field is broken.
std::optional<std::uint64_t> CountTypedElements(std::string_view message, tensor::DType dtype);

// These elements as a tensor. There must be as many as `shape` has.
tensor::Tensor DecodeTypedElements(std::string_view message, tensor::DType dtype,
                                   const tensor::Shape& shape);

}  // namespace yoloport::onnx::read
