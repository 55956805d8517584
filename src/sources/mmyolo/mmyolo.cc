#include "sources/mmyolo/mmyolo.h"

#include <utility>

#include "models/config_reading.h"
#include "models/model.h"
#include "sources/mmyolo/thresholds.h"

namespace yoloport::sources::mmyolo {
namespace {

class Mmyolo : public mmengine::ConfigSource {
 public:
  explicit Mmyolo(mmengine::TrainedDetector trained)
      : mmengine::ConfigSource("MMYOLO", std::move(trained)) {}

  int LargestStride() const override { return static_cast<int>(models::LargestStride(model())); }
  std::vector<std::string> TakeThresholds(ExportOptions& options,
                                          bool& multi_label) const override {
    return ApplyTestCfg(model()["test_cfg"], options, multi_label);
  }
  graph::HeadOutput Build(const checkpoint::Weights& weights, graph::Value image,
                          graph::HeadMode mode) const override {
    return models::BuildDetector(model(), mmengine::DetectorWeights(weights), image, mode);
  }
};

}  // namespace

bool IsMmyolo(const config::ConfigNode& model) {
  return models::WithoutScope(model["type"].AsString()) == "YOLODetector";
}

std::unique_ptr<ModelSource> OpenMmyolo(mmengine::TrainedDetector trained) {
  return std::make_unique<Mmyolo>(std::move(trained));
}

}  // namespace yoloport::sources::mmyolo
