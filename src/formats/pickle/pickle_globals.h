// The Python names that mean something to a reader of weights. Nothing is ever looked up or called:
// a name that is not in the table stays a name.
#pragma once

#include <optional>
#include <string_view>

#include "tensor/tensor.h"

namespace yoloport::formats::pickle {

enum class GlobalKind : std::uint8_t {
  kDict,               // dict(): no arguments, a dict, or a list of pairs
  kDefaultDict,        // as kDict, after the factory
  kSequence,           // tuple(), list(), set(): the argument itself
  kStorage,            // a storage class; dtype when yoloport can read its elements
  kRebuildTensor,      // (storage, offset, size, stride, ...)
  kRebuildTensorV3,    // (storage, offset, size, stride, requires_grad, hooks, dtype, ...)
  kRebuildParameter,   // (tensor, ...)
  kRebuildFromType,    // (function, type, arguments, state)
  kUnsupportedTensor,  // what: the kind of tensor
  kDType,              // a torch.dtype
  kOpaque,             // known, harmless and of no interest
};

struct KnownGlobal {
  std::string_view name;
  GlobalKind kind;
  std::optional<tensor::DType> dtype = {};
  std::string_view what = {};    // "a quantized tensor": completes "is ..."
  std::size_t storage_size = 0;  // bytes of an element in a storage that has no dtype here
};

// The row of `name` ("module.name"), or null. torch.cuda.XStorage counts as torch.XStorage, and
// __builtin__ (Python 2) as builtins.
const KnownGlobal* FindGlobal(std::string_view name);

}  // namespace yoloport::formats::pickle
