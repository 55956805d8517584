#include "runtime/device.h"

#include <charconv>
#include <string_view>

#include "base/text.h"
#include "yoloport/error.h"

namespace yoloport {

Device ParseDevice(const std::string& text) {
  constexpr std::string_view kPrefix = "cuda:";
  constexpr int kMostGpus = 1024;
  if (text == "cpu") return {};
  if (text == "cuda") return {true, 0};
  const char* const end = text.data() + text.size();
  int index = -1;
  if (text.starts_with(kPrefix)) {
    const auto [stop, error] = std::from_chars(text.data() + kPrefix.size(), end, index);
    if (error == std::errc() && stop == end && index >= 0 && index < kMostGpus) {
      return {true, index};
    }
  }
  throw UsageError("there is no device " + Quote(text) + "; devices are cpu, cuda and cuda:N");
}

}  // namespace yoloport
