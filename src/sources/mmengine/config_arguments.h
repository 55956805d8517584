// Reading a config's dicts outside the network: preparing images, and thresholds.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/model_ranges.h"
#include "config/config.h"

namespace yoloport::sources::mmengine {

// A list of three numbers, or of one that stands for three. Throws ConfigError at one outside
// `range`.
std::array<float, 3> ReadTriple(const config::ConfigNode& list, const base::Range& range);

// Throws ConfigError at the first key of `dict` that is not one of `known`, with the nearest of
// them; `what` is the dict's name for the message.
void RequireKnownKeys(const config::ConfigNode& dict, std::string_view what,
                      const std::vector<std::string>& known);

}  // namespace yoloport::sources::mmengine
