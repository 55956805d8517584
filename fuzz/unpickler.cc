// The pickle machine alone.
#include "formats/pickle/unpickler.h"

#include <cstdint>

#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    yoloport::formats::pickle::PickleDocument document;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    yoloport::formats::pickle::Describe(
        yoloport::formats::pickle::Unpickler(document, text, 0, "").Load());
  } catch (const yoloport::CheckpointError&) {
    // Expected of malformed input.
  }
  return 0;
}
