#include "sources/ultralytics/ultralytics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "base/model_ranges.h"
#include "base/text.h"
#include "contract/limits.h"
#include "contract/ultralytics.h"
#include "sources/layer_list/anchor_head.h"
#include "sources/layer_list/class_names.h"
#include "sources/layer_list/layer_list.h"
#include "sources/layer_list/torch_layers.h"
#include "sources/ultralytics/blocks.h"
#include "sources/ultralytics/heads.h"
#include "yoloport/error.h"

namespace yoloport::sources::ultralytics {
namespace {

using checkpoint::Checkpoint;
using checkpoint::Module;
using checkpoint::ModuleTree;
using checkpoint::SavedValue;
using layer_list::Block;

// One of the two, in what the sources differ.
struct Program {
  std::string_view name;       // "of NAME"
  std::string_view inference;  // what its users compare with
  contract::NmsPolicy (*policy)();
  graph::HeadOutput (*build_head)(const layer_list::Head& head, graph::HeadMode mode);
};
constexpr Program kUltralytics = {"Ultralytics", "predict()", contract::UltralyticsPolicy,
                                  BuildPointHead};
constexpr Program kYolov5 = {"the YOLOv5 repository", "detect.py", contract::Yolov5Policy,
                             BuildAnchorHead};

// What is no detector, or one of another kind, by the class of its head or of the whole.
struct OtherTask {
  std::string_view type;
  std::string_view what;
};
constexpr auto kOtherTasks = std::to_array<OtherTask>({
    {"Segment", "instance segmentation"},
    {"Segment26", "instance segmentation"},
    {"Pose", "pose estimation"},
    {"Pose26", "pose estimation"},
    {"OBB", "rotated boxes"},
    {"OBB26", "rotated boxes"},
    {"Classify", "classification"},
    {"SemanticSegment", "semantic segmentation"},
    {"Depth", "depth estimation"},
    {"RTDETRDecoder", "detection as RT-DETR"},
    {"WorldDetect", "detection of classes in words (YOLO-World)"},
    {"YOLOEDetect", "detection of classes in words (YOLOE)"},
    {"YOLOESegment", "segmentation of classes in words (YOLOE)"},
    {"YOLOESegment26", "segmentation of classes in words (YOLOE)"},
    {"LRPCHead", "detection without a list of classes (YOLOE)"},
});

Module HeadOf(const ModuleTree& modules) { return layer_list::LastLayer(modules.root["model"]); }

void RefuseOthers(const ModuleTree& modules, const Program& program) {
  const Module head = HeadOf(modules);
  const auto* const other =
      std::find_if(kOtherTasks.begin(), kOtherTasks.end(),
                   [&](const OtherTask& each) { return each.type == head.type(); });
  if (other == kOtherTasks.end()) return;
  modules.root.Fail(fmt::format("is a {} of {} for {} (its head is {}), which is not supported",
                                NameOf(modules), program.name, other->what, head.type()),
                    "detectors are (task detect)");
}

// A number of pixels for both sides, or height and width.
std::optional<InputSize> SizeFrom(const SavedValue& value) {
  if (!value.exists()) return std::nullopt;
  const std::vector<double> sides = value.Numbers();
  for (const double side : sides) {
    if (!base::kInputSideRange.Holds(side)) value.Fail(fmt::format("is {:g} pixels", side));
  }
  if (sides.empty() || sides.size() > 2) value.Fail("is not a height and a width in pixels");
  return InputSize{static_cast<std::int64_t>(sides.front()),
                   static_cast<std::int64_t>(sides.back())};
}

class Source : public ModelSource {
 public:
  Source(const Program& program, const Checkpoint& checkpoint)
      : program_(program), checkpoint_(checkpoint) {}

  std::string Detector() const override {
    return fmt::format("{} of {}", NameOf(modules()), program_.name);
  }

  int LargestStride() const override { return layer_list::LargestStrideOf(HeadOf(modules())); }

  std::optional<InputSize> TestSize(bool) const override {
    const SavedValue& file = modules().file;
    for (const SavedValue& value :
         {file["train_args"]["imgsz"], modules().root.Get("args")["imgsz"], file["opt"]["imgsz"]}) {
      const std::optional<InputSize> size = SizeFrom(value);
      if (!size) continue;
      const std::int64_t stride = LargestStride();
      const auto rounded = [&](std::int64_t side) { return (side + stride - 1) / stride * stride; };
      return InputSize{rounded(size->height), rounded(size->width)};
    }
    return std::nullopt;
  }

  Selection DefaultSelection() const override {
    const bool one_to_one = IsOneToOne(HeadOf(modules()));
    return {.multi_label = one_to_one, .suppresses = !one_to_one};
  }

  std::vector<std::string> TakeThresholds(ExportOptions& options, bool&) const override;
  PreprocessReport PreprocessFor(const ExportedInput& input) const override;

  graph::HeadOutput Build(const checkpoint::Weights& weights, graph::Value image,
                          graph::HeadMode mode) const override {
    const Block layers = Block{modules().root, weights}["model"];
    return program_.build_head(layer_list::RunLayers(layers, image, KnownLayers()), mode);
  }

  std::vector<std::string> ClassNames(std::size_t count) const override;

 private:
  const ModuleTree& modules() const { return *checkpoint_.modules(); }

  const Program& program_;
  Checkpoint checkpoint_;
};

std::vector<std::string> Source::TakeThresholds(ExportOptions& options, bool&) const {
  const contract::NmsPolicy policy = program_.policy();
  std::vector<std::string> notes;
  const auto set = [&](auto& option, auto value, const char* name) {
    if (option == value) return;
    notes.push_back(fmt::format("--{} is {:g}, as of {}", name, static_cast<double>(value),
                                program_.inference));
    option = value;
  };
  set(options.score_threshold, policy.score_threshold, "score-threshold");
  if (DefaultSelection().suppresses) {
    set(options.iou_threshold, policy.iou_threshold, "iou-threshold");
  }
  set(options.pre_topk, policy.pre_topk, "pre-topk");
  set(options.keep_topk, policy.keep_topk, "keep-topk");
  return notes;
}

PreprocessReport Source::PreprocessFor(const ExportedInput& input) const {
  PreprocessReport report;
  report.preprocess = contract::UltralyticsPreprocess();
  report.preprocess.height = input.height;
  report.preprocess.width = input.width;
  const SavedValue yaml = modules().root.Get("yaml");
  const SavedValue channels = yaml["channels"].exists() ? yaml["channels"] : yaml["ch"];
  report.preprocess.channels = static_cast<int>(std::clamp<std::int64_t>(channels.Int(3), 0, 99));
  if (report.preprocess.channels != 1 && report.preprocess.channels != 3) {
    channels.Fail(
        fmt::format("is {}: only images of 3 channels, or of 1, are supported", channels.Int()));
  }
  return report;
}

std::vector<std::string> Source::ClassNames(std::size_t) const {
  return layer_list::ClassNamesIn(modules().root.Get("names"));
}

std::unique_ptr<ModelSource> Open(const Program& program, const Checkpoint& checkpoint) {
  const ModuleTree& modules = *checkpoint.modules();
  RefuseOthers(modules, program);
  if (modules.file["modelopt"].exists()) {
    modules.root.Fail("was trained for integers (its file has 'modelopt'), which is not supported");
  }
  return std::make_unique<Source>(program, checkpoint);
}

}  // namespace

bool IsUltralytics(const ModuleTree& modules) {
  return modules.root.class_name().starts_with("ultralytics.");
}

bool IsYolov5(const ModuleTree& modules) {
  const std::string_view name = modules.root.class_name();
  const bool is_place = name.starts_with("models.yolo.") || name.starts_with("yolov5.models.yolo.");
  if (!is_place || !modules.root.Has("model")) return false;
  // Other repositories began as copies, and have the same names of modules.
  constexpr auto kOthers = std::to_array<std::string_view>(
      {"MP", "SP", "ReOrg", "RepConv", "SPPCSPC", "DownC", "RepNCSPELAN4", "ELAN1"});
  const std::vector<Module> layers = modules.root["model"].Children();
  const bool has_others = std::any_of(layers.begin(), layers.end(), [&](const Module& layer) {
    return std::find(kOthers.begin(), kOthers.end(), layer.type()) != kOthers.end();
  });
  constexpr auto kHeads = std::to_array<std::string_view>({"Detect", "Segment", "Classify"});
  return !has_others && !layers.empty() &&
         std::find(kHeads.begin(), kHeads.end(), layers.back().type()) != kHeads.end();
}

std::unique_ptr<ModelSource> OpenUltralytics(const Checkpoint& checkpoint,
                                             std::vector<std::string>&) {
  return Open(kUltralytics, checkpoint);
}

std::unique_ptr<ModelSource> OpenYolov5(const Checkpoint& checkpoint, std::vector<std::string>&) {
  return Open(kYolov5, checkpoint);
}

}  // namespace yoloport::sources::ultralytics
