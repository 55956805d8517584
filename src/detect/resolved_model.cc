#include "detect/resolved_model.h"

#include <algorithm>

#include "base/mapped_file.h"
#include "base/option_ranges.h"
#include "base/text.h"
#include "contract/description.h"
#include "contract/model_types.h"
#include "onnx/outline/read_metadata.h"
#include "runtime/engine_info.h"
#include "yoloport/error.h"

namespace yoloport::detect {
namespace {

using base::Quote;

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
  resolved.head = contract::RawHeadOf(info);
  resolved.nms = info.nms;
}

// As easydeploy's demo: COCO's classes, an anchor is its best class, and nothing limits how many
// there are. Images are stretched by that demo; its end-to-end files' demo follows the config.
void TakeType(const ModelDescription& said, bool end_to_end, ResolvedModel& resolved) {
  int count = 0;
  resolved.classes = contract::ClassesOf(said, count);
  resolved.head = contract::RawHeadOfType(said.type, count);
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
  if (!said.class_names.empty()) resolved.classes = said.class_names;
  resolved.has_size |= said.height > 0 && said.width > 0;
  contract::ApplyDescription(said, resolved.preprocess);
  contract::ApplyDescription(said, resolved.head);
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
  contract::CheckDescription(said);
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

void RequireWholeStrides(const ResolvedModel& model, std::int64_t height, std::int64_t width,
                         const std::string& name) {
  std::int64_t stride = 1;  // where the file does not say its strides: any size
  for (const auto& [x, y] : model.head.strides) {
    stride = std::max({stride, std::int64_t{x}, std::int64_t{y}});
  }
  if (height % stride == 0 && width % stride == 0) return;
  throw UsageError(
      base::Quote(name) + ": takes images whose sides are multiples of " + std::to_string(stride) +
          ", not of " + std::to_string(width) + "x" + std::to_string(height),
      "the nearest size is --img-size " + std::to_string(base::NearestMultiple(height, stride)) +
          " " + std::to_string(base::NearestMultiple(width, stride)));
}

}  // namespace yoloport::detect
