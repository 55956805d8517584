// From a pickle to tensors: the state_dict, shapes, strides and storages of whatever size it
// claims.
#include <cstdint>

#include "checkpoint/float_convert.h"
#include "checkpoint/state_dict.h"
#include "formats/pickle/unpickler.h"
#include "yoloport/error.h"

namespace {

// Zeros, as many as `id` asks for, up to a mebibyte.
std::shared_ptr<yoloport::checkpoint::Storage> Zeros(const yoloport::checkpoint::StorageId& id) {
  constexpr std::size_t kMost = 1 << 20;
  const std::size_t element = yoloport::tensor::ElementSize(id.dtype);
  if (static_cast<std::size_t>(id.elements) > kMost / element) {
    throw yoloport::CheckpointError("no such storage");
  }
  const auto owner =
      std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(id.elements) * element);
  return std::make_shared<yoloport::checkpoint::Storage>("storage", id.dtype, *owner, owner);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    yoloport::formats::pickle::PickleDocument document;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const yoloport::formats::pickle::Value& root =
        yoloport::formats::pickle::Unpickler(document, text, 0, "").Load();
    std::vector<std::string> notes;
    for (const auto& entry : yoloport::checkpoint::ReadStateDict(root, Zeros, notes)) {
      if (entry.usable()) yoloport::checkpoint::ToFloat32(entry.tensor);
    }
    yoloport::checkpoint::ReadMeta(root);
  } catch (const yoloport::CheckpointError&) {
    // Expected of malformed input.
  }
  return 0;
}
