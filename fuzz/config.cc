// A config: lexer, parser, evaluator, and both ways of writing it out; and the same text as JSON.
#include "config/config.h"

#include <cstdint>
#include <string>
#include <utility>

#include "config/parser.h"
#include "config/text_file.h"
#include "yoloport/error.h"

namespace {

void ReadAsPython(const std::string& text) {
  const yoloport::Config config = yoloport::Config::FromText(text, "fuzz.py");
  config.ToJson();
  config.ToPython();
}

void ReadAsJson(const std::string& bytes) {
  std::string text = bytes;
  yoloport::config::CheckText(text, "fuzz.json");
  yoloport::config::Sources sources;
  yoloport::config::Heap heap(sources);
  const std::uint32_t source = sources.Add("fuzz.json", std::move(text));
  yoloport::config::ParseJson(heap, yoloport::config::TemplateText(sources, source, "/fuzz.json"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  for (const auto& read : {ReadAsPython, ReadAsJson}) {
    try {
      read(text);
    } catch (const yoloport::Error&) {
      // Expected of malformed input.
    }
  }
  return 0;
}
