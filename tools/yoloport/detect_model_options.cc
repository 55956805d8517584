#include "detect_model_options.h"

#include <array>

#include "cli.h"
#include "yoloport/error.h"
#include "yoloport/model_description.h"

namespace yoloport::tool {
namespace {

constexpr const char* kGroup = "Files with raw heads, of other programs, and without metadata";

std::array<float, 3> Three(const std::vector<float>& numbers) {
  return {numbers[0], numbers[1], numbers[2]};
}

void RequirePositive(const char* option, std::optional<int> value) {
  if (value && *value < 1) throw UsageError(std::string(option) + " must be at least 1");
}

}  // namespace

void DeclareDescription(CLI::App& app, ModelOptions& options, const char* group,
                        const std::string& resize) {
  const auto add = [&](const char* name, auto& value, const std::string& help,
                       const std::string& type) {
    return app.add_option(name, value, help)->type_name(type)->group(group);
  };
  add("--type", options.type, "Whose heads or rows they are", OneOf(ModelTypes()));
  add("--num-classes", options.num_classes, "Default: as many as class names, else COCO's 80", "N");
  add("--class-names", options.class_names, "Text file with a name a line", "FILE");
  add("--anchors", options.anchors,
      "Text file with a line a level: 10,13 16,30 33,23; default: the type's", "FILE");
  add("--strides", options.strides, "Of the levels, finest first; default: from the outputs' sizes",
      "N...")
      ->expected(1, 16);
  add("--bins", options.bins,
      "Bins of a box side's distribution; default: 16 for yolov8, 17 for ppyoloe", "N");
  add("--mean", options.mean, "Subtracted from each channel, in the network's order", "A B C")
      ->expected(3)
      ->allow_extra_args(false);
  add("--std", options.std, "What each channel is then divided by", "A B C")
      ->expected(3)
      ->allow_extra_args(false);
  app.add_flag("--rgb", options.rgb, "The network takes red, green, blue")->group(group);
  app.add_flag("--bgr", options.bgr, "The network takes blue, green, red")->group(group);
  add("--resize", options.resize, "How pictures are made to fit; default " + resize,
      OneOf({"letterbox", "stretch"}));
}

void DeclareModelOptions(CLI::App& app, ModelOptions& options) {
  app.add_option("--iou-thr", options.iou_threshold,
                 "Boxes that overlap a better one by more are dropped: of raw heads, rows of other "
                 "programs (default: the file's number or its program's), and files exported with "
                 "--runtime-thresholds")
      ->type_name("NUMBER")
      ->group(kGroup);
  app.add_option("--img-size", options.img_size, "Height and width, where the file takes any size")
      ->type_name("H [W]")
      ->group(kGroup)
      ->expected(1, 2)
      ->allow_extra_args(false);
  DeclareDescription(app, options, kGroup, "for raw heads without metadata: stretch");
  app.add_option("--boxes", options.boxes,
                 "What boxes of YOLOX's own exporter are, where its graph does not show it")
      ->type_name(OneOf({"pixels", "offsets"}))
      ->group(kGroup);
}

void ApplyDescription(const ModelOptions& options, ModelDescription& model) {
  RequirePositive("--num-classes", options.num_classes);
  RequirePositive("--bins", options.bins);
  if (options.rgb && options.bgr) throw UsageError("--rgb and --bgr exclude each other");
  model.type = options.type;
  model.num_classes = options.num_classes.value_or(0);
  if (!options.class_names.empty()) model.class_names = ReadClassNames(options.class_names);
  if (!options.anchors.empty()) model.anchors = ReadAnchors(options.anchors);
  model.strides = options.strides;
  model.bins = options.bins.value_or(0);
  if (!options.mean.empty()) model.mean = Three(options.mean);
  if (!options.std.empty()) model.std = Three(options.std);
  if (options.rgb || options.bgr) model.rgb = options.rgb;
  if (options.resize == "letterbox") {
    model.resize = ResizeKind::kLetterbox;
  } else if (options.resize == "stretch") {
    model.resize = ResizeKind::kStretch;
  } else if (!options.resize.empty()) {
    throw UsageError("--resize must be letterbox or stretch");
  }
}

void ApplyModelOptions(const ModelOptions& options, DetectorOptions& detector) {
  for (const int side : options.img_size) RequirePositive("--img-size", side);
  if (options.iou_threshold && !(*options.iou_threshold >= 0 && *options.iou_threshold <= 1)) {
    throw UsageError("--iou-thr must be from 0 to 1");
  }
  detector.iou_threshold = options.iou_threshold;
  ApplyDescription(options, detector.model);
  if (!options.boxes.empty() && options.boxes != "pixels" && options.boxes != "offsets") {
    throw UsageError("--boxes must be pixels or offsets");
  }
  if (!options.boxes.empty()) detector.model.decoded = options.boxes == "pixels";
  if (!options.img_size.empty()) {
    detector.model.height = options.img_size.front();
    detector.model.width = options.img_size.back();
  }
}

}  // namespace yoloport::tool
