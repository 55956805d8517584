// An ONNX file before a runtime sees it: its metadata and its structure.
#include <cstdint>

#include "memory_file.h"
#include "onnx/outline/read_metadata.h"
#include "onnx/outline/structure.h"
#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const yoloport::fuzz::MemoryFile file(data, size);
  if (!file.whole()) return -1;
  try {
    yoloport::onnx::outline::CheckOnnxStructure(file.path());
    yoloport::onnx::outline::ReadOnnxMetadata(file.path());
  } catch (const yoloport::ModelError&) {
    // Expected of malformed input.
  }
  return 0;
}
