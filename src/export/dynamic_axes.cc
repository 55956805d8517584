#include <set>
#include <sstream>

#include "base/text.h"
#include "yoloport/error.h"
#include "yoloport/export.h"

namespace yoloport {

void SetDynamicAxes(ExportOptions& options, std::string_view axes) {
  std::set<std::string> open;
  std::istringstream list{std::string(axes)};
  for (std::string axis; std::getline(list, axis, ',');) {
    if (axis != "batch" && axis != "height" && axis != "width") {
      throw UsageError("--dynamic " + base::Quote(axis) + " is not known",
                       "it takes batch, or height,width, or batch,height,width");
    }
    open.insert(axis);
  }
  if (open.contains("height") != open.contains("width")) {
    throw UsageError("--dynamic takes height and width together");
  }
  options.dynamic_batch = open.contains("batch");
  options.dynamic_size = open.contains("height");
}

}  // namespace yoloport
