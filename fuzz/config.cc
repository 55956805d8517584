// A config: lexer, parser, evaluator, and both ways of writing it out.
#include "config/config.h"

#include <cstdint>

#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const yoloport::Config config = yoloport::Config::FromText(text, "fuzz.py");
    config.ToJson();
    config.ToPython();
  } catch (const yoloport::Error&) {
  }
  return 0;
}
