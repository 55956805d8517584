// What an ONNX file says about itself, as JSON.
#include <cstdint>

#include "contract/model_card.h"
#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    yoloport::contract::ToJson(yoloport::contract::ModelCardFromJson(text));
  } catch (const yoloport::ModelError&) {
    // Expected of malformed input.
  }
  return 0;
}
