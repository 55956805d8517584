#include "pipeline/model_facts.h"

#include <algorithm>
#include <cmath>

#include "base/mapped_file.h"
#include "base/model_ranges.h"
#include "base/text.h"
#include "contract/model_types.h"
#include "onnx/read_metadata.h"
#include "pipeline/option_ranges.h"
#include "runtime/engine_info.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport {
namespace {

constexpr int kMaxClasses = 1 << 16;  // far beyond any data set's

// Each value by itself.
void CheckDescription(const ModelDescription& said) {
  if (!said.type.empty() && contract::FindModelType(said.type) == nullptr) {
    const auto names = contract::ModelTypeNames();
    const std::string near = NearestName(said.type, names);
    throw UsageError(
        "--type: there is no type " + Quote(said.type),
        (near.empty() ? "" : "did you mean " + near + "? ") + "the types are " + JoinText(names));
  }
  RequireRange("--img-size", said.height, 0, kInputSideRange.high);
  RequireRange("--img-size", said.width, 0, kInputSideRange.high);
  RequireRange("--num-classes", said.num_classes, 0, kMaxClasses);
  RequireRange("--bins", said.bins, 0, kRegMaxRange.high);
  for (const int stride : said.strides)
    RequireRange("--strides", stride, kStrideRange.low, kStrideRange.high);
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
                  const std::string& model, ModelFacts& facts) {
  if (!said.type.empty() && said.type != info.type) {
    throw UsageError(Quote(model) + ": is a " + info.type + " by its metadata, not a " + said.type,
                     "leave --type out");
  }
  const auto count = info.classes.size();
  const std::size_t said_count =
      std::max(static_cast<std::size_t>(said.num_classes), said.class_names.size());
  if (said_count > 0 && said_count != count) {
    throw UsageError(Quote(model) + ": has " + std::to_string(count) +
                     " classes by its metadata, not " + std::to_string(said_count));
  }
  facts.classes = info.classes;
  facts.labels = count;
  for (const auto& [r, g, b] : info.palette) {
    facts.palette.push_back(
        {static_cast<std::uint8_t>(r), static_cast<std::uint8_t>(g), static_cast<std::uint8_t>(b)});
  }
  facts.recipe = info.recipe;
  facts.has_size = true;
  facts.head = RawHeadOf(info);
  facts.nms = info.nms;
}

// As easydeploy's demo: COCO's classes, an anchor is its best class, and nothing limits how many
// there are. Images are stretched by that demo; its end-to-end files' demo follows the config.
void TakeType(const ModelDescription& said, bool end_to_end, ModelFacts& facts) {
  if (said.class_names.empty() && said.num_classes == 0) {
    facts.classes.assign(contract::CocoClasses().begin(), contract::CocoClasses().end());
  }
  const int count = said.num_classes > 0        ? said.num_classes
                    : !said.class_names.empty() ? static_cast<int>(said.class_names.size())
                                                : static_cast<int>(facts.classes.size());
  facts.head = RawHeadOfType(said.type, count);
  const auto usual = end_to_end ? ResizeKind::kLetterbox : ResizeKind::kStretch;
  facts.recipe =
      contract::PreparationOf(*contract::FindModelType(said.type), said.resize.value_or(usual));
  facts.nms = {.score_threshold = 0.3,
               .iou_threshold = 0.7,
               .pre_topk = contract::NmsPolicy::kAll,
               .keep_topk = contract::NmsPolicy::kAll,
               .multi_label = false};
}

// What replaces single values, whoever they are from.
void TakeRest(const ModelDescription& said, ModelFacts& facts) {
  ImageRecipe& recipe = facts.recipe;
  if (!said.class_names.empty()) facts.classes = said.class_names;
  if (said.height > 0 && said.width > 0) {
    recipe.height = said.height;
    recipe.width = said.width;
    recipe.long_edge = recipe.short_edge = 0;
    recipe.pad_to = PadTo::kStride;
    facts.has_size = true;
  }
  if (said.resize) recipe.resize = *said.resize;
  if (said.rgb) recipe.rgb = *said.rgb;
  if (said.mean) recipe.mean = *said.mean;
  if (said.std) recipe.std = *said.std;
  if (!said.strides.empty()) {
    facts.head.strides.clear();
    for (const int stride : said.strides) facts.head.strides.push_back({stride, stride});
  }
  if (!said.anchors.empty()) facts.head.anchors = said.anchors;
  if (said.bins > 0) facts.head.bins = said.bins;
}

// An engine has nothing to say; what its ONNX file said stands beside it.
std::map<std::string, std::string> ReadKeys(const std::filesystem::path& model) {
  if (!IsEngineFile(model)) return ReadOnnxMetadata(model);
  MappedFile::Open(model);  // what is not there is to be said first
  auto info = ReadEngineInfo(model);
  return info ? std::move(info->metadata) : std::map<std::string, std::string>();
}

}  // namespace

std::vector<std::string> ModelTypes() { return contract::ModelTypeNames(); }

FileMetadata ReadFileMetadata(const std::filesystem::path& model) {
  const auto metadata = ReadKeys(model);
  const auto found = metadata.find("yoloport");
  if (found == metadata.end()) return {std::nullopt, "does not say how it wants its images"};
  try {
    contract::ModelCard info = contract::ModelCardFromJson(found->second);
    if (contract::FindModelType(info.type) == nullptr) {
      return {std::nullopt, "metadata: type: is " + Quote(info.type) + ", not one of " +
                                JoinText(contract::ModelTypeNames())};
    }
    return {std::move(info), ""};
  } catch (const ModelError& error) {
    return {std::nullopt, error.message()};
  }
}

ModelFacts SettleFacts(const FileMetadata& metadata, ModelDescription said, bool end_to_end,
                       const std::string& model) {
  said.type = AsciiLower(said.type);
  CheckDescription(said);
  if (end_to_end && (!said.anchors.empty() || said.bins > 0)) {
    throw UsageError(Quote(model) + ": ends with detections, which " +
                         (said.bins > 0 ? "--bins" : "--anchors") + " does not change",
                     "it describes the raw heads of a file without NMS: leave it out");
  }
  ModelFacts facts;
  if (metadata.info) {
    TakeMetadata(*metadata.info, said, model, facts);
  } else if (!said.type.empty()) {
    TakeType(said, end_to_end, facts);
  } else {
    const std::string named =
        said.class_names.empty() ? ", and classes have numbers for names" : "";
    facts.warnings.push_back(Quote(model) + ": " + metadata.problem +
                             "; images are prepared as for YOLOv5" + named);
  }
  TakeRest(said, facts);
  return facts;
}

}  // namespace yoloport
