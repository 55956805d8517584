// `--cfg-options a.b=c`, as MMEngine reads them.
#pragma once

#include <string>
#include <vector>

#include "config/python/value.h"

namespace yoloport::config::mmengine {

// The dict that the options spell: "a.b=c" gives {a: {b: c}}; a later option for the same key wins.
// Each becomes a source of its own, for messages. Throws UsageError for an option without '=' or
// with brackets that do not match.
python::Value ReadOverrides(python::Heap& heap, python::Sources& sources,
                            const std::vector<std::string>& options);

// One option's value: int, float, true or false, None, `[...]`, `(...)`, `1,2` (a list), else a
// string. Quotes around it and all spaces are dropped.
python::Value ReadOverrideValue(python::Heap& heap, const std::string& text, python::Position at);

}  // namespace yoloport::config::mmengine
