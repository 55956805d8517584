// `--cfg-options a.b=c`, as MMEngine reads them.
#pragma once

#include <string>
#include <vector>

#include "config/value.h"

namespace yoloport::config {

// The dict that the options spell: "a.b=c" gives {a: {b: c}}; a later option for the same key wins.
// Each becomes a source of its own, for messages. Throws UsageError for an option without '=' or
// with brackets that do not match.
Value ReadOverrides(Heap& heap, Sources& sources, const std::vector<std::string>& options);

// One option's value: int, float, true or false, None, `[...]`, `(...)`, `1,2` (a list), else a
// string. Quotes around it and all spaces are dropped.
Value ReadOverrideValue(Heap& heap, const std::string& text, Position at);

}  // namespace yoloport::config
