// Metadata that another program wrote: Python literals, YAML, and what is made of the keys.
#include <cstdint>

#include "contract/foreign/recognize.h"
#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace yoloport::contract::foreign;  // NOLINT: its names alone are meant
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    ParsePythonLiteral(text);
  } catch (const yoloport::ModelError&) {
    // Expected of malformed input.
  }
  for (const std::int64_t numbers : {6, 84}) {
    Outline outline{"'m'", 640, 640, {{"output0", {1, numbers, 8400}}}, {}};
    try {
      const Literal document = ParseYaml(text);
      if (document.dict() == nullptr) return 0;
      for (const auto& [key, value] : *document.dict()) {
        if (key.text() != nullptr) outline.metadata.insert_or_assign(*key.text(), value);
      }
      Recognize(outline, {});
    } catch (const yoloport::Error&) {
      // Expected of malformed input, and of a file of another kind.
    }
  }
  return 0;
}
