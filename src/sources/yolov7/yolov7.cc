#include "sources/yolov7/yolov7.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <filesystem>
#include <optional>
#include <string_view>

#include "contract/ultralytics.h"
#include "sources/layer_list/anchor_head.h"
#include "sources/layer_list/class_names.h"
#include "sources/policy.h"
#include "sources/yolov7/head.h"
#include "sources/yolov7/layers.h"

namespace yoloport::sources::yolov7 {
namespace {

using checkpoint::Checkpoint;
using checkpoint::Module;
using checkpoint::ModuleTree;
using layer_list::Block;

// Layers that no other repository with these names of modules has.
constexpr auto kOwnLayers = std::to_array<std::string_view>(
    {"MP", "SP", "ReOrg", "RepConv", "SPPCSPC", "DownC", "Shortcut", "IDetect", "IAuxDetect",
     "IKeypoint", "IBin", "BottleneckCSPA", "BottleneckCSPB", "BottleneckCSPC"});

// Heads that are refused, and what they predict.
struct OtherHead {
  std::string_view type;
  std::string_view what;
};
constexpr auto kOtherHeads = std::to_array<OtherHead>(
    {{"IKeypoint", "keypoints"}, {"IBin", "sizes of boxes by a distribution over bins"}});

constexpr int kLargestP6Stride = 64;

Module HeadOf(const ModuleTree& modules) { return layer_list::LastLayer(modules.root["model"]); }

contract::NmsPolicy Policy() {
  contract::NmsPolicy policy = contract::Yolov5Policy();
  policy.keep_topk = 300;
  return policy;
}

class Source : public ModelSource {
 public:
  explicit Source(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  std::string Detector() const override {
    return fmt::format("{} of the YOLOv7 repository, {}", NameOf(modules()),
                       HeadOf(modules()).type());
  }

  int LargestStride() const override { return layer_list::LargestStrideOf(HeadOf(modules())); }

  // Those of four levels were trained and are evaluated at 1280 x 1280.
  std::optional<InputSize> TestSize(bool) const override {
    if (LargestStride() < kLargestP6Stride) return std::nullopt;
    return InputSize{1280, 1280};
  }

  Selection DefaultSelection() const override { return {.multi_label = Policy().multi_label}; }

  std::vector<std::string> TakeThresholds(ExportOptions& options,
                                          bool& multi_label) const override {
    multi_label = Policy().multi_label;
    return TakePolicy(Policy(), "YOLOv7's detect.py", options);
  }

  PreprocessReport PreprocessFor(const ExportedInput& input) const override {
    PreprocessReport report = {contract::Yolov5Preprocess(), {}};
    report.preprocess.height = input.height;
    report.preprocess.width = input.width;
    return report;
  }

  graph::HeadOutput Build(const checkpoint::Weights& weights, graph::Value image,
                          graph::HeadMode mode) const override {
    const Block layers = Block{modules().root, weights}["model"];
    return BuildHead(layer_list::RunLayers(layers, image, KnownLayers()), mode);
  }

  std::vector<std::string> ClassNames(std::size_t) const override {
    return layer_list::ClassNamesIn(modules().root.Get("names"));
  }

 private:
  const ModuleTree& modules() const { return *checkpoint_.modules(); }

  Checkpoint checkpoint_;
};

}  // namespace

bool IsYolov7(const ModuleTree& modules) {
  if (modules.root.class_name() != "models.yolo.Model" || !modules.root.Has("model")) return false;
  const std::vector<Module> layers = modules.root["model"].Children();
  return std::any_of(layers.begin(), layers.end(), [](const Module& layer) {
    return std::find(kOwnLayers.begin(), kOwnLayers.end(), layer.type()) != kOwnLayers.end();
  });
}

std::string NameOf(const ModuleTree& modules) {
  const std::string file = modules.root.Get("yaml_file").Text("");
  std::string name = std::filesystem::path(file).stem().native();
  constexpr std::string_view kPrefix = "yolov7";
  constexpr std::size_t kLongest = 30;
  const bool is_name =
      name.size() <= kLongest && std::all_of(name.begin(), name.end(), [](char c) {
        return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
      });
  if (!is_name || !name.starts_with(kPrefix)) return "YOLOv7";
  name.replace(0, kPrefix.size(), "YOLOv7");
  return name;
}

std::unique_ptr<ModelSource> OpenYolov7(const Checkpoint& checkpoint, std::vector<std::string>&) {
  const ModuleTree& modules = *checkpoint.modules();
  const Module head = HeadOf(modules);
  for (const OtherHead& other : kOtherHeads) {
    if (other.type != head.type()) continue;
    head.Fail(fmt::format("predicts {}, which is not supported", other.what),
              "of YOLOv7's repository Detect, IDetect and IAuxDetect are");
  }
  return std::make_unique<Source>(checkpoint);
}

}  // namespace yoloport::sources::yolov7
