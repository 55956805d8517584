#include "yoloport/set.h"

#include "base/option_ranges.h"
#include "base/text.h"
#include "contract/model_card.h"
#include "inspect/change_thresholds.h"
#include "onnx/read/reader.h"
#include "yoloport/error.h"
#include "yoloport/limits.h"

namespace yoloport {
namespace {

using base::Quote;
using base::RequireRange;

void CheckOptions(const SetOptions& options) {
  if (!options.score_threshold && !options.iou_threshold && !options.keep_topk) {
    throw UsageError("nothing is to be changed",
                     "give --score-threshold, --iou-threshold or --keep-topk");
  }
  if (options.score_threshold) RequireRange("--score-threshold", *options.score_threshold, 0, 1);
  if (options.iou_threshold) RequireRange("--iou-threshold", *options.iou_threshold, 0, 1);
  if (options.keep_topk) {
    RequireRange("--keep-topk", static_cast<double>(*options.keep_topk), 1,
                 static_cast<double>(kLargestTopk));
  }
}

contract::ModelCard ReadInfo(const onnx::read::OnnxFile& file, const std::filesystem::path& model) {
  const auto document = file.metadata.find("yoloport");
  if (document == file.metadata.end()) {
    throw ModelError(Quote(model.native()) + ": was not written by yoloport",
                     "its thresholds are not known; export it with yoloport");
  }
  contract::ModelCard info = contract::ModelCardFromJson(document->second, Quote(model.native()));
  if (!info.end_to_end) {
    throw ModelError(Quote(model.native()) + ": ends with the raw heads and has no thresholds",
                     "yoloport detect takes them on its command line");
  }
  return info;
}

// The file itself may be replaced; one that keeps its weights may not.
void RefuseDataFileAsOutput(const onnx::read::OnnxFile& file, const std::filesystem::path& output) {
  for (const auto& source : file.sources) {
    std::error_code error;
    if (source == file.sources.front()) continue;
    if (!std::filesystem::equivalent(source->path(), output, error)) continue;
    throw UsageError(
        "the output " + Quote(output.native()) + " would overwrite the model's weights",
        "give another name with --output");
  }
}

template <typename Number>
void Change(const char* name, const std::optional<Number>& asked, Number& number,
            std::vector<ThresholdChange>& changes) {
  if (!asked) return;
  changes.push_back({name, static_cast<double>(number), static_cast<double>(*asked)});
  number = *asked;
}

}  // namespace

std::vector<ThresholdChange> SetThresholds(const SetOptions& options) {
  CheckOptions(options);
  onnx::read::OnnxFile file = onnx::read::ReadOnnx(options.model);
  contract::ModelCard info = ReadInfo(file, options.model);
  const auto& output = options.output.empty() ? options.model : options.output;
  RefuseDataFileAsOutput(file, output);
  const std::string missing = inspect::ChangeThresholds(*file.graph, options, info.nms.pre_topk);
  if (!missing.empty() && options.iou_threshold && info.nms.iou_threshold >= 1) {
    throw ModelError(Quote(options.model.native()) +
                         ": suppresses no boxes, so that there is no IoU threshold to change",
                     "a network that gives one box an object needs none");
  }
  if (!missing.empty()) {
    throw ModelError(
        Quote(options.model.native()) + ": its graph has no " + missing + " that can be changed",
        "export it again");
  }
  std::vector<ThresholdChange> changes;
  Change("score_threshold", options.score_threshold, info.nms.score_threshold, changes);
  Change("iou_threshold", options.iou_threshold, info.nms.iou_threshold, changes);
  Change("keep_topk", options.keep_topk, info.nms.keep_topk, changes);
  file.metadata["yoloport"] = contract::ToCheckedJson(info);
  onnx::read::WriteOnnx(file, output);
  return changes;
}

}  // namespace yoloport
