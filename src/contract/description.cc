#include "contract/description.h"

#include <algorithm>
#include <cmath>

#include "base/model_ranges.h"
#include "base/option_ranges.h"
#include "base/text.h"
#include "contract/limits.h"
#include "contract/model_types.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::contract {

using base::Quote;
using base::RequireRange;

void CheckDescription(const ModelDescription& said) {
  if (!said.type.empty() && FindModelType(said.type) == nullptr) {
    const auto names = ModelTypeNames();
    const std::string near = NearestName(said.type, names);
    throw UsageError("--type: there is no type " + Quote(said.type),
                     (near.empty() ? "" : "did you mean " + near + "? ") + "the types are " +
                         base::JoinText(names));
  }
  RequireRange("--img-size", said.height, 0, base::kInputSideRange.high);
  RequireRange("--img-size", said.width, 0, base::kInputSideRange.high);
  RequireRange("--num-classes", said.num_classes, 0, kMaxClasses);
  RequireRange("--bins", said.bins, 0, base::kRegMaxRange.high);
  for (const int stride : said.strides)
    RequireRange("--strides", stride, base::kStrideRange.low, base::kStrideRange.high);
  for (const auto& level : said.anchors) {
    if (level.empty()) throw UsageError("--anchors: a level has none");
    for (const auto& [width, height] : level) {
      if (std::isfinite(width) && std::isfinite(height) && width > 0 && height > 0) continue;
      throw UsageError("--anchors: widths and heights must be positive");
    }
  }
  const auto all = [](const auto& three, const auto& good) {
    return !three || std::all_of(three->begin(), three->end(), good);
  };
  if (!all(said.mean, [](float x) { return std::isfinite(x); })) {
    throw UsageError("--mean must be three numbers");
  }
  if (!all(said.std, [](float x) { return std::isfinite(x) && x > 0; })) {
    throw UsageError("--std must be three positive numbers");
  }
  const ModelType* type = FindModelType(said.type);
  if (said.bins > 1 && type != nullptr && type->coding != BoxCoding::kDistance) {
    throw UsageError("--bins is about distances to a box's sides, and " + said.type + " has none",
                     "leave --bins out");
  }
  const auto names = static_cast<int>(said.class_names.size());
  if (said.num_classes > 0 && names > 0 && said.num_classes != names) {
    throw UsageError("--num-classes is " + std::to_string(said.num_classes) + ", but there are " +
                     std::to_string(names) + " class names");
  }
}

std::vector<std::string> ClassesOf(const ModelDescription& said, int& count) {
  std::vector<std::string> classes = said.class_names;
  if (classes.empty() && said.num_classes == 0) {
    classes.assign(CocoClasses().begin(), CocoClasses().end());
  }
  count = said.num_classes > 0 ? said.num_classes : static_cast<int>(classes.size());
  return classes;
}

void ApplyDescription(const ModelDescription& said, Preprocess& preprocess) {
  if (said.height > 0 && said.width > 0) {
    preprocess.height = said.height;
    preprocess.width = said.width;
    preprocess.long_edge = preprocess.short_edge = 0;
    preprocess.pad_to = PadTo::kStride;
  }
  if (said.resize) preprocess.resize = *said.resize;
  if (said.rgb) preprocess.rgb = *said.rgb;
  if (said.mean) preprocess.mean = *said.mean;
  if (said.std) preprocess.std = *said.std;
}

void ApplyDescription(const ModelDescription& said, RawHeadInfo& head) {
  if (!said.strides.empty()) {
    head.strides.clear();
    for (const int stride : said.strides) head.strides.push_back({stride, stride});
  }
  if (!said.anchors.empty()) head.anchors = said.anchors;
  if (said.bins > 0) head.bins = said.bins;
}

}  // namespace yoloport::contract
