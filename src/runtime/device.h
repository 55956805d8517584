// Where a network runs.
#pragma once

#include <string>

namespace yoloport::runtime {

struct Device {
  bool is_cuda = false;
  int index = 0;  // of the GPU

  std::string name() const { return is_cuda ? "cuda:" + std::to_string(index) : "cpu"; }
};

// "cpu", "cuda" (the first GPU) or "cuda:N". Throws UsageError for any other text.
Device ParseDevice(const std::string& text);

}  // namespace yoloport::runtime
