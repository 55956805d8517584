#include "export/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "base/folders.h"
#include "base/option_ranges.h"
#include "base/text.h"
#include "targets/mmdeploy_files.h"
#include "targets/network_input.h"
#include "targets/output_layout.h"
#include "yoloport/error.h"
#include "yoloport/limits.h"

namespace yoloport::exporting {
namespace {

using base::Quote;
using base::RequireRange;
using targets::FindLayout;

// The output, and what is written beside it.
std::vector<std::filesystem::path> OutputFiles(const ExportOptions& options) {
  namespace fs = std::filesystem;
  std::vector<fs::path> outputs = {options.output};
  if (FindLayout(options.layout) != contract::OutputLayout::kMmdeploy) return outputs;
  const char* hint = "give another name with --output";
  std::error_code error;
  if (fs::is_other(options.output, error)) {
    throw UsageError("the output " + Quote(options.output.native()) +
                         " is not a regular file, and --layout mmdeploy writes files beside it",
                     hint);
  }
  for (const fs::path& beside : targets::MmdeployFiles::Paths(options.output)) {
    if (base::PlaceOf(beside) == base::PlaceOf(options.output)) {
      throw UsageError("the output " + Quote(options.output.native()) +
                           " is also the name of a file that --layout mmdeploy writes beside it",
                       hint);
    }
    outputs.push_back(beside);
  }
  return outputs;
}

// "folder/": nothing is to be created for it.
void RequireFileName(const std::filesystem::path& output) {
  const std::filesystem::path name = output.filename();
  if (output.empty() || (!name.empty() && name != "." && name != "..")) return;
  throw UsageError("the output " + Quote(output.native()) + " names a folder, not a file",
                   "give a file's name with --output");
}

// Renaming the new file over an input would be the end of that.
void RefuseInputAsOutput(const ExportOptions& options, std::vector<std::filesystem::path> inputs) {
  inputs.push_back(options.checkpoint);
  for (const auto& output : OutputFiles(options)) {
    for (const auto& input : inputs) {
      std::error_code error;
      if (!std::filesystem::equivalent(input, output, error)) continue;
      throw UsageError("the output " + Quote(output.native()) + " would overwrite an input",
                       "give another name with --output");
    }
  }
}

// What --layout mmdeploy writes beside the model has names that every model's have.
void RefuseFilesOfAnotherModel(const ExportOptions& options) {
  namespace fs = std::filesystem;
  std::error_code error;
  for (const fs::path& output : OutputFiles(options)) {
    if (!fs::is_regular_file(output, error) || fs::exists(options.output, error)) continue;
    throw UsageError("the file " + Quote(output.native()) +
                         ", which --layout mmdeploy writes beside the model, is there already "
                         "without a model of this name",
                     "give a folder of its own with --output, as mmdeploy's SDK wants it, or "
                     "remove that file");
  }
}

}  // namespace

contract::NmsPolicy PolicyOf(const Plan& plan) {
  return {.score_threshold = plan.options.score_threshold,
          .iou_threshold = plan.options.iou_threshold,
          .pre_topk = plan.options.pre_topk,
          .keep_topk = plan.options.keep_topk,
          .class_agnostic = plan.options.class_agnostic,
          .multi_label = plan.multi_label,
          .min_box_size = plan.options.min_box_size};
}

void CheckFileOptions(const targets::Target& target, const ExportOptions& options) {
  RequireRange("--pre-topk", static_cast<double>(options.pre_topk), 1,
               static_cast<double>(kLargestTopk));
  RequireRange("--keep-topk", static_cast<double>(options.keep_topk), 1,
               static_cast<double>(kLargestTopk));
  RequireRange("--iou-threshold", options.iou_threshold, 0, 1);
  RequireRange("--score-threshold", options.score_threshold, 0, 1);
  if (options.min_box_size >= 0) {
    RequireRange("--min-box-size", options.min_box_size, 0, kLargestSide);
  }
  if (options.runtime_thresholds && options.model_only) {
    throw UsageError("--runtime-thresholds needs NMS, and the file is to end with the raw heads");
  }
  targets::CheckInputOptions(options);
  targets::CheckTargetOptions(target, options);
  targets::CheckLayout(FindLayout(options.layout), target, options);
}

Notes UnreadTestCfgNotes(const ExportOptions& options) {
  Notes notes;
  if (options.from_test_cfg) return notes;
  const std::string key = "model.test_cfg";
  for (const std::string& change : options.cfg_options) {
    if (!change.starts_with(key + ".") && !change.starts_with(key + "=")) continue;
    notes.push_back("--cfg-options " + Quote(change) +
                    " changes nothing: test_cfg is read with --from-test-cfg only");
  }
  return notes;
}

void CheckSize(int stride, int height, int width) {
  if (height % stride == 0 && width % stride == 0) return;
  throw UsageError(
      fmt::format("--img-size {} {} does not fit: height and width must be multiples of {}, the "
                  "network's largest stride",
                  height, width, stride),
      fmt::format("the nearest size is {} {}", base::NearestMultiple(height, stride),
                  base::NearestMultiple(width, stride)));
}

void CheckOutput(const ExportOptions& options, const std::vector<std::filesystem::path>& inputs) {
  RequireFileName(options.output);
  RefuseInputAsOutput(options, inputs);
  RefuseFilesOfAnotherModel(options);
}

}  // namespace yoloport::exporting
