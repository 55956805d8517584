// Options as JSON objects, under the names that the public headers give them.
#pragma once

#include <string_view>

#include "yoloport/detector.h"
#include "yoloport/export.h"

namespace yoloport::c_api {

// Sets what `json` names. Throws UsageError where it is no object, a name is not known (with the
// nearest), or a value is of another type.
void ReadExportOptions(std::string_view json, ExportOptions& options);
void ReadDetectorOptions(std::string_view json, DetectorOptions& options);

}  // namespace yoloport::c_api
