// A config as text; Config::ToJson and ToPython say what comes out.
#pragma once

#include <string>

#include "config/python/value.h"

namespace yoloport::config::mmengine {

// `value` must be a tree no deeper than kMaxValueDepth. A negative `indent` puts all in one line.
// `sources` says where unknown values come from.
std::string DumpJson(const python::Sources& sources, const python::Value& value, int indent);
std::string DumpPython(const python::Sources& sources, const python::Value& value, int indent);

}  // namespace yoloport::config::mmengine
