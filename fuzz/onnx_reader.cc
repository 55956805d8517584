// An ONNX file as a graph, and as a file again: with all weights, which are decoded when written.
#include <cstdint>

#include "memory_file.h"
#include "onnx/read/reader.h"
#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const yoloport::fuzz::MemoryFile file(data, size);
  if (!file.whole()) return -1;
  try {
    yoloport::onnx::read::WriteOnnx(yoloport::onnx::read::ReadOnnx(file.path()), "/dev/null");
  } catch (const yoloport::ModelError&) {
    // Expected of malformed input.
  } catch (const yoloport::FileError&) {
    // Weights may be said to lie in any file of the folder.
  }
  return 0;
}
