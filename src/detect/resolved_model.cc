#include "detect/resolved_model.h"

#include <algorithm>
#include <cmath>

#include "base/mapped_file.h"
#include "base/model_ranges.h"
#include "base/option_ranges.h"
#include "base/text.h"
#include "contract/model_types.h"
#include "onnx/outline/read_metadata.h"
#include "runtime/engine_info.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::detect {
namespace {

using base::Quote;
using base::RequireRange;

constexpr int kMaxClasses = 1 << 16;  // far beyond any data set's

// Each value by itself.
void CheckDescription(const ModelDescription& said) {
  if (!said.type.empty() && contract::FindModelType(said.type) == nullptr) {
    const auto names = contract::ModelTypeNames();
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
  const auto names = static_cast<int>(said.class_names.size());
  if (said.num_classes > 0 && names > 0 && said.num_classes != names) {
    throw UsageError("--num-classes is " + std::to_string(said.num_classes) + ", but there are " +
                     std::to_string(names) + " class names");
  }
}

void TakeMetadata(const contract::ModelCard& info, const ModelDescription& said,
                  const std::string& model, ResolvedModel& resolved) {
  if (!said.type.empty() && said.type != info.type) {
    throw UsageError(Quote(model) + ": is a " + info.type + " by its metadata, not a " + said.type,
                     "leave --type out");
  }
  const auto count = info.classes.size();
  const std::size_t said_count =
      std::max(static_cast<std::size_t>(said.num_classes), said.class_names.size());
  if (said_count > 0 && count > 0 && said_count != count) {
    throw UsageError(Quote(model) + ": has " + std::to_string(count) +
                     " classes by its metadata, not " + std::to_string(said_count));
  }
  resolved.classes = info.classes;
  resolved.labels = count;
  for (const auto& [r, g, b] : info.palette) {
    resolved.palette.push_back(
        {static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g), static_cast<std::uint8_t>(b)});
  }
  resolved.preprocess = info.preprocess;
  resolved.has_size = true;
  resolved.head = RawHeadOf(info);
  resolved.nms = info.nms;
}

// As easydeploy's demo: COCO's classes, an anchor is its best class, and nothing limits how many
// there are. Images are stretched by that demo; its end-to-end files' demo follows the config.
void TakeType(const ModelDescription& said, bool end_to_end, ResolvedModel& resolved) {
  if (said.class_names.empty() && said.num_classes == 0) {
    resolved.classes.assign(contract::CocoClasses().begin(), contract::CocoClasses().end());
  }
  const int count = said.num_classes > 0        ? said.num_classes
                    : !said.class_names.empty() ? static_cast<int>(said.class_names.size())
                                                : static_cast<int>(resolved.classes.size());
  resolved.head = RawHeadOfType(said.type, count);
  const auto usual = end_to_end ? ResizeKind::kLetterbox : ResizeKind::kStretch;
  resolved.preprocess =
      contract::PreparationOf(*contract::FindModelType(said.type), said.resize.value_or(usual));
  resolved.nms = {.score_threshold = 0.3,
                  .iou_threshold = 0.7,
                  .pre_topk = contract::NmsPolicy::kAll,
                  .keep_topk = contract::NmsPolicy::kAll,
                  .multi_label = false};
}

// What replaces single values, whoever they are from.
void TakeRest(const ModelDescription& said, ResolvedModel& resolved) {
  Preprocess& preprocess = resolved.preprocess;
  if (!said.class_names.empty()) resolved.classes = said.class_names;
  if (said.height > 0 && said.width > 0) {
    preprocess.height = said.height;
    preprocess.width = said.width;
    preprocess.long_edge = preprocess.short_edge = 0;
    preprocess.pad_to = PadTo::kStride;
    resolved.has_size = true;
  }
  if (said.resize) preprocess.resize = *said.resize;
  if (said.rgb) preprocess.rgb = *said.rgb;
  if (said.mean) preprocess.mean = *said.mean;
  if (said.std) preprocess.std = *said.std;
  if (!said.strides.empty()) {
    resolved.head.strides.clear();
    for (const int stride : said.strides) resolved.head.strides.push_back({stride, stride});
  }
  if (!said.anchors.empty()) resolved.head.anchors = said.anchors;
  if (said.bins > 0) resolved.head.bins = said.bins;
}

// An engine has nothing to say; what its ONNX file said stands beside it.
std::map<std::string, std::string> ReadKeys(const std::filesystem::path& model) {
  if (!runtime::IsEngineFile(model)) return onnx::outline::ReadOnnxMetadata(model);
  base::MappedFile::Open(model);  // what is not there is to be said first
  auto info = runtime::ReadEngineInfo(model);
  return info ? std::move(info->metadata) : std::map<std::string, std::string>();
}

}  // namespace

FileMetadata ReadFileMetadata(const std::filesystem::path& model) {
  return FileMetadataOf(ReadKeys(model));
}

FileMetadata FileMetadataOf(std::map<std::string, std::string> keys) {
  FileMetadata metadata;
  metadata.keys = std::move(keys);
  const auto found = metadata.keys.find("yoloport");
  if (found == metadata.keys.end()) {
    metadata.problem = "does not say how it wants its images";
    return metadata;
  }
  try {
    contract::ModelCard info = contract::ModelCardFromJson(found->second);
    if (contract::FindModelType(info.type) != nullptr) {
      metadata.info = std::move(info);
    } else {
      metadata.problem = "metadata: type: is " + Quote(info.type) + ", not one of " +
                         base::JoinText(contract::ModelTypeNames());
    }
  } catch (const ModelError& error) {
    metadata.problem = error.message();
  }
  return metadata;
}

ResolvedModel ResolveModel(const FileMetadata& metadata, ModelDescription said, bool end_to_end,
                           const std::string& model) {
  said.type = base::AsciiLower(said.type);
  CheckDescription(said);
  if (end_to_end && (!said.anchors.empty() || said.bins > 0)) {
    throw UsageError(Quote(model) + ": ends with detections, which " +
                         (said.bins > 0 ? "--bins" : "--anchors") + " does not change",
                     "it describes the raw heads of a file without NMS: leave it out");
  }
  ResolvedModel resolved;
  if (metadata.info) {
    TakeMetadata(*metadata.info, said, model, resolved);
  } else if (!said.type.empty()) {
    TakeType(said, end_to_end, resolved);
  } else {
    const std::string named =
        said.class_names.empty() ? ", and classes have numbers for names" : "";
    resolved.warnings.push_back(
        Quote(model) + ": " + metadata.problem + "; images are prepared as for YOLOv5" + named +
        "\nhint: --type, --class-names, --mean, --std, --bgr and --resize say "
        "otherwise");
  }
  TakeRest(said, resolved);
  return resolved;
}

}  // namespace yoloport::detect

namespace yoloport {

std::vector<std::string> ModelTypes() { return contract::ModelTypeNames(); }

}  // namespace yoloport
