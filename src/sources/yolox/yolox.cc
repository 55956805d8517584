#include "sources/yolox/yolox.h"

#include <utility>

#include "contract/model_types.h"
#include "contract/nms_policy.h"
#include "contract/yolox.h"
#include "sources/policy.h"
#include "sources/yolox/network.h"
#include "yoloport/error.h"

namespace yoloport::sources::yolox {
namespace {

using checkpoint::Checkpoint;

// What an Exp evaluates with where it does not say: test_conf and nmsthre.
constexpr contract::NmsPolicy kExpPolicy = {.score_threshold = 0.01,
                                            .iou_threshold = 0.65,
                                            .pre_topk = contract::NmsPolicy::kAll,
                                            .keep_topk = 1000,  // COCO's metric counts fewer
                                            .multi_label = false};

// ValTransform(legacy=True), what release 0.1.0 was trained with.
void MakeLegacy(Preprocess& preprocess) {
  preprocess.rgb = true;
  preprocess.mean = {0.485F * 255, 0.456F * 255, 0.406F * 255};
  preprocess.std = {0.229F * 255, 0.224F * 255, 0.225F * 255};
}

class Yolox : public ModelSource {
 public:
  Yolox(Network network, bool is_legacy) : network_(network), is_legacy_(is_legacy) {}

  std::string Detector() const override { return SizeName(network_) + " of the YOLOX repository"; }
  int LargestStride() const override { return kLargestStride; }
  std::optional<InputSize> TestSize(bool) const override {
    return InputSize{TestSide(network_), TestSide(network_)};
  }
  Selection DefaultSelection() const override { return {.multi_label = kExpPolicy.multi_label}; }
  std::vector<std::string> TakeThresholds(ExportOptions& options,
                                          bool& multi_label) const override {
    multi_label = kExpPolicy.multi_label;
    std::vector<std::string> lines = TakePolicy(kExpPolicy, "YOLOX's Exp", options);
    lines.emplace_back("YOLOX keeps all detections of an image, the file the best 1000");
    return lines;
  }
  PreprocessReport PreprocessFor(const ExportedInput& input) const override {
    PreprocessReport report = {contract::YoloxPreprocess(), {}};
    report.preprocess.height = input.height;
    report.preprocess.width = input.width;
    if (is_legacy_) MakeLegacy(report.preprocess);
    return report;
  }
  graph::HeadOutput Build(const checkpoint::Weights& weights, graph::Value image,
                          graph::HeadMode mode) const override {
    return BuildNetwork(network_, weights, image, mode);
  }
  // The files do not say. Its demo shows COCO's names.
  std::vector<std::string> ClassNames(std::size_t count) const override {
    return contract::CocoNames(count);
  }

 private:
  Network network_;
  bool is_legacy_;
};

}  // namespace

bool IsYolox(const Checkpoint& checkpoint) { return HasYoloxKeys(checkpoint); }

std::string NameOf(const Checkpoint& checkpoint) {
  try {
    return SizeName(ReadNetwork(checkpoint));
  } catch (const CheckpointError&) {
    return "YOLOX";  // exporting says what is wrong with it
  }
}

std::unique_ptr<ModelSource> OpenYolox(const ExportOptions& options, const Checkpoint& checkpoint,
                                       std::vector<std::string>&) {
  return std::make_unique<Yolox>(ReadNetwork(checkpoint), options.legacy);
}

}  // namespace yoloport::sources::yolox
