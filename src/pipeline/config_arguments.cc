#include "pipeline/config_arguments.h"

#include <algorithm>

#include "base/text.h"
#include "models/common.h"

namespace yoloport {

std::array<float, 3> ReadTriple(const ConfigNode& list, const Range& range) {
  std::array<float, 3> numbers{};
  for (std::size_t i = 0; i < 3; ++i) {
    numbers[i] = static_cast<float>(NumberIn(list[list.size() == 1 ? 0 : i], range));
  }
  return numbers;
}

void RequireKnownKeys(const ConfigNode& dict, std::string_view what,
                      const std::vector<std::string>& known) {
  for (const std::string& key : dict.Keys()) {
    if (key == "type" || key == "_scope_") continue;
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    dict[key].Fail("is not a known argument of " + std::string(what), KnownHint(key, known));
  }
}

}  // namespace yoloport
