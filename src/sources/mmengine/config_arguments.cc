#include "sources/mmengine/config_arguments.h"

#include <algorithm>

#include "base/text.h"
#include "models/config_reading.h"

namespace yoloport::sources::mmengine {

std::array<float, 3> ReadTriple(const config::ConfigNode& list, const base::Range& range) {
  std::array<float, 3> numbers{};
  for (std::size_t i = 0; i < 3; ++i) {
    numbers[i] = static_cast<float>(models::NumberIn(list[list.size() == 1 ? 0 : i], range));
  }
  return numbers;
}

void RequireKnownKeys(const config::ConfigNode& dict, std::string_view what,
                      const std::vector<std::string>& known) {
  for (const std::string& key : dict.Keys()) {
    if (key == "type" || key == "_scope_") continue;
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    dict[key].Fail("is not a known argument of " + std::string(what), base::KnownHint(key, known));
  }
}

}  // namespace yoloport::sources::mmengine
