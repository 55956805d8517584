// A whole checkpoint of any format - legacy container, archive, safetensors - with all weights
// taken.
#include "checkpoint/checkpoint.h"

#include <cstdint>

#include "checkpoint/weights.h"
#include "memory_file.h"
#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const yoloport::fuzz::MemoryFile file(data, size);
  if (!file.whole()) return -1;
  try {
    const auto checkpoint = yoloport::checkpoint::Checkpoint::Open(file.path());
    const yoloport::checkpoint::Weights weights(checkpoint);
    for (const auto& entry : checkpoint.tensors()) {
      if (entry.usable()) weights.Take(entry.key, entry.tensor.shape());
    }
    weights.Finish();
  } catch (const yoloport::CheckpointError&) {
    // Expected of malformed input.
  }
  return 0;
}
