#include "runtime/device.h"

#include <string_view>

#include "base/text.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::runtime {

Device ParseDevice(const std::string& text) {
  constexpr std::string_view kPrefix = "cuda:";
  constexpr int kMostGpus = 1024;
  if (text == "cpu") return {};
  if (text == "cuda") return {true, 0};
  if (text.starts_with(kPrefix)) {
    const int index = ParseNumber<int>(text.substr(kPrefix.size())).value_or(-1);
    if (index >= 0 && index < kMostGpus) return {true, index};
  }
  throw UsageError("there is no device " + base::Quote(text) +
                   "; devices are cpu, cuda and cuda:N");
}

}  // namespace yoloport::runtime
