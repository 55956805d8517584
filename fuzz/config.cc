// A config: lexer, parser, evaluator, and both ways of writing it out; and the same text as JSON.
#include "config/config.h"

#include <cstdint>
#include <string>
#include <utility>

#include "config/mmengine/text_file.h"
#include "config/python/parser.h"
#include "yoloport/error.h"

namespace {

void ReadAsPython(const std::string& text) {
  const yoloport::config::Config config = yoloport::config::Config::FromText(text, "fuzz.py");
  config.ToJson();
  config.ToPython();
}

void ReadAsJson(const std::string& bytes) {
  std::string text = bytes;
  yoloport::config::mmengine::CheckText(text, "fuzz.json");
  yoloport::config::python::Sources sources;
  yoloport::config::python::Heap heap(sources);
  const std::uint32_t source = sources.Add("fuzz.json", std::move(text));
  yoloport::config::python::ParseJson(
      heap, yoloport::config::python::TemplateText(sources, source, "/fuzz.json"));
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
