#include "sources/yolov6/yolov6.h"

#include <fmt/format.h>

#include <optional>

#include "contract/model_types.h"
#include "contract/ultralytics.h"
#include "sources/layer_list/anchor_head.h"
#include "sources/policy.h"
#include "sources/yolov6/network.h"

namespace yoloport::sources::yolov6 {
namespace {

using checkpoint::Checkpoint;
using checkpoint::Module;
using checkpoint::ModuleTree;

constexpr int kLargestP6Stride = 64;

// Of tools/infer.py; at most 30000 boxes enter, each for its best class.
constexpr contract::NmsPolicy kPolicy = {.score_threshold = 0.4,
                                         .iou_threshold = 0.45,
                                         .pre_topk = 30000,
                                         .keep_topk = 1000,
                                         .multi_label = false};

class Source : public ModelSource {
 public:
  explicit Source(const Checkpoint& checkpoint) : checkpoint_(checkpoint) {}

  std::string Detector() const override {
    return fmt::format("{} of the YOLOv6 repository: {}, {}", NameOf(*checkpoint_.modules()),
                       model()["backbone"].type(), model()["neck"].type());
  }

  int LargestStride() const override { return layer_list::LargestStrideOf(model()["detect"]); }

  // Those of four levels were trained and are evaluated at 1280 x 1280.
  std::optional<InputSize> TestSize(bool) const override {
    if (LargestStride() < kLargestP6Stride) return std::nullopt;
    return InputSize{1280, 1280};
  }

  Selection DefaultSelection() const override { return {.multi_label = kPolicy.multi_label}; }

  std::vector<std::string> TakeThresholds(ExportOptions& options,
                                          bool& multi_label) const override {
    multi_label = kPolicy.multi_label;
    return TakePolicy(kPolicy, "YOLOv6's infer.py", options);
  }

  PreprocessReport PreprocessFor(const ExportedInput& input) const override {
    PreprocessReport report = {contract::Yolov5Preprocess(), {}};
    report.preprocess.height = input.height;
    report.preprocess.width = input.width;
    return report;
  }

  graph::HeadOutput Build(const checkpoint::Weights& weights, graph::Value image,
                          graph::HeadMode mode) const override {
    return BuildNetwork(model(), weights, image, mode);
  }

  // The files do not say. Its inference takes those of data/coco.yaml.
  std::vector<std::string> ClassNames(std::size_t count) const override {
    return contract::CocoNames(count);
  }

 private:
  const Module& model() const { return checkpoint_.modules()->root; }

  Checkpoint checkpoint_;
};

// How many channels a stem gives: it or the convolution in it says so; 0 where neither does.
std::int64_t ChannelsOf(Module stem) {
  while (!stem.Get("out_channels").is_int()) {
    if (!stem.Has("block") && !stem.Has("conv")) return 0;
    stem = stem[stem.Has("block") ? "block" : "conv"];
  }
  return stem.Get("out_channels").Int();
}

// Of the width that the configs give the stem; "" for another one.
std::string_view SizeOf(std::int64_t stem_channels) {
  switch (stem_channels) {
    case 16:
      return "-n";
    case 24:
      return "-t";
    case 32:
      return "-s";
    case 48:
      return "-m";
    case 64:
      return "-l";
    case 80:
      return "-x";
    default:
      return "";
  }
}

// Whether stages are those of release 4.0's other series.
bool IsMbla(const Module& backbone) {
  if (!backbone.Has("ERBlock_2")) return false;
  const std::vector<Module> layers = backbone["ERBlock_2"].Children();
  return layers.size() > 1 && layers[1].type() == "MBLABlock";
}

}  // namespace

bool IsYolov6(const ModuleTree& modules) {
  return modules.root.class_name().starts_with("yolov6.");
}

std::string NameOf(const ModuleTree& modules) {
  const Module& model = modules.root;
  const bool has_stem = model.Has("backbone") && model["backbone"].Has("stem");
  if (!has_stem) return "YOLOv6";
  const Module backbone = model["backbone"];
  std::string name = "YOLOv6" + std::string(SizeOf(ChannelsOf(backbone["stem"])));
  if (backbone.Has("ERBlock_6")) name += '6';
  if (IsMbla(backbone)) name += "-mbla";
  return name;
}

std::unique_ptr<ModelSource> OpenYolov6(const Checkpoint& checkpoint, std::vector<std::string>&) {
  RequireDetector(checkpoint.modules()->root);
  return std::make_unique<Source>(checkpoint);
}

}  // namespace yoloport::sources::yolov6
