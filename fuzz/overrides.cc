// --cfg-options: one a line, on a small config.
#include <cstdint>
#include <sstream>

#include "config/config.h"
#include "yoloport/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream lines(std::string(reinterpret_cast<const char*>(data), size));
  yoloport::config::ConfigOptions options;
  for (std::string line; std::getline(lines, line);) options.overrides.push_back(line);
  try {
    const char* text = "model = dict(a=1, b=[dict(c=2), 3], d=(4, 'x'))\n";
    yoloport::config::Config::FromText(text, "fuzz.py", options).ToJson();
  } catch (const yoloport::Error&) {
    // Expected of malformed input.
  }
  return 0;
}
