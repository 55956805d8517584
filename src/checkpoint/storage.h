// Storages: the runs of elements that tensors are views of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "tensor/tensor.h"

namespace yoloport::checkpoint {

// One storage, little-endian. Immutable but for the memory of having been verified.
class Storage {
 public:
  Storage(std::string name, tensor::DType dtype, std::span<const std::byte> bytes,
          std::shared_ptr<const void> owner)
      : name_(std::move(name)), dtype_(dtype), bytes_(bytes), owner_(std::move(owner)) {}

  const std::string& name() const { return name_; }
  tensor::DType dtype() const { return dtype_; }
  std::span<const std::byte> bytes() const { return bytes_; }
  const std::shared_ptr<const void>& owner() const { return owner_; }

  // Says which checksum the bytes must have once somebody reads them.
  void Expect(std::uint32_t crc) { crc_ = crc; }

  // Throws CheckpointError when the bytes do not have the expected checksum. Reads them all, once.
  void Verify();

 private:
  std::string name_;
  tensor::DType dtype_;
  std::span<const std::byte> bytes_;
  std::shared_ptr<const void> owner_;
  std::optional<std::uint32_t> crc_;  // still to be compared
};

// What a persistent id says of a storage.
struct StorageId {
  std::string_view key;
  tensor::DType dtype = tensor::DType::kFloat32;
  std::int64_t elements = 0;
};

// Finds the bytes of a storage; throws CheckpointError when they are not what `id` says.
using StorageLoader = std::function<std::shared_ptr<Storage>(const StorageId& id)>;

}  // namespace yoloport::checkpoint
