// From the pickled description of a tensor to a Tensor.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "checkpoint/storage.h"
#include "formats/pickle/pickle_value.h"
#include "tensor/tensor.h"

namespace yoloport::checkpoint {

// What storage the persistent id `value` names. nullopt when it is well-formed but of an element
// type that is not supported, `problem` then says which ("a quantized tensor"). Throws
// CheckpointError when it is malformed.
std::optional<StorageId> ReadStorageId(const formats::pickle::Value& value, std::string& problem);

// A tensor, or why there is none: `problem` completes "'key' is ...".
struct TensorOrProblem {
  tensor::Tensor tensor;
  std::shared_ptr<Storage> storage;  // what the tensor views; null with a problem
  std::string problem;
};

// Reads tensors of one checkpoint; a storage that several of them share is loaded once.
class TensorReader {
 public:
  explicit TensorReader(StorageLoader loader) : loader_(std::move(loader)) {}

  // `value` may be anything. What is no tensor, or one of a kind that is not supported (quantized,
  // sparse, complex, without values), gives a problem. A tensor that is supported and malformed -
  // negative sizes, elements outside its storage, one storage with two element types - throws
  // CheckpointError.
  TensorOrProblem Read(const formats::pickle::Value& value);

  // To be asked when all have been read. Throws CheckpointError when they are views that stand for
  // many times as much as the file holds: a small file could make a large model.
  void CheckSharing() const;

 private:
  TensorOrProblem ReadRebuilt(const formats::pickle::Value& arguments,
                              std::optional<tensor::DType> dtype);
  std::shared_ptr<Storage> Load(const StorageId& id);

  StorageLoader loader_;
  std::map<std::string_view, std::shared_ptr<Storage>> storages_;  // ordered: keys are others'
  std::uint64_t stored_bytes_ = 0;                                 // of all storages
  std::uint64_t viewed_bytes_ = 0;                                 // of all tensors
};

// Whether `value` describes a tensor of any kind, supported or not.
bool IsTensor(const formats::pickle::Value& value);

}  // namespace yoloport::checkpoint
