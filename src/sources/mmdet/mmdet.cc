#include "sources/mmdet/mmdet.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "base/text.h"
#include "models/config_reading.h"
#include "sources/mmdet/network.h"
#include "sources/mmdet/thresholds.h"

namespace yoloport::sources::mmdet {
namespace {

using config::ConfigNode;

// The first of them are what `network` builds, if their parts are known.
constexpr std::size_t kSupported = 3;
constexpr auto kDetectors = std::to_array<std::string_view>(
    {"RTMDet", "YOLOX", "SingleStageDetector",
     // The others of MMDetection 3.3:
     "ATSS", "AutoAssign", "BoxInst", "CascadeRCNN", "CenterNet", "CondInst", "ConditionalDETR",
     "CornerNet", "CrowdDet", "DABDETR", "DDOD", "DDQDETR", "DETR", "DINO", "DeformableDETR",
     "DetectionTransformer", "Detectron2Wrapper", "FCOS", "FOVEA", "FSAF", "FastRCNN", "FasterRCNN",
     "GFL", "GLIP", "GridRCNN", "GroundingDINO", "HybridTaskCascade",
     "KnowledgeDistillationSingleStageDetector", "LAD", "Mask2Former", "MaskFormer", "MaskRCNN",
     "MaskScoringRCNN", "NASFCOS", "PAA", "PanopticFPN", "PointRend", "QueryInst", "RPN",
     "RepPointsDetector", "RetinaNet", "SCNet", "SOLO", "SOLOv2", "SparseRCNN", "TOOD",
     "TridentFasterRCNN", "TwoStageDetector", "TwoStagePanopticSegmentor", "VFNet", "YOLACT",
     "YOLOF", "YOLOV3", "MaskTrackRCNN", "Mask2FormerVideo"});

std::string TypeOf(const ConfigNode& model) {
  return models::WithoutScope(model["type"].AsString());
}

class Mmdet : public mmengine::ConfigSource {
 public:
  explicit Mmdet(mmengine::TrainedDetector trained)
      : mmengine::ConfigSource("MMDetection", std::move(trained)) {}

  int LargestStride() const override {
    const std::vector<double> strides = Strides(model());
    return static_cast<int>(*std::max_element(strides.begin(), strides.end()));
  }
  std::vector<std::string> TakeThresholds(ExportOptions& options,
                                          bool& multi_label) const override {
    return ApplyTestCfg(model(), options, multi_label);
  }
  PreprocessReport PreprocessFor(const ExportedInput& input) const override {
    PreprocessReport report = ConfigSource::PreprocessFor(input);
    // Only the data preprocessor pads then.
    if (report.preprocess.pad_domain == PadDomain::kInput && ClipsBoxes(model())) {
      report.notes.emplace_back(
          "MMDetection cuts boxes at the edges of the resized image before NMS, the file at those "
          "of its input, which has padding: of objects that overlap at the image's edge it may "
          "keep others");
    }
    return report;
  }
  graph::HeadOutput Build(const checkpoint::Weights& weights, graph::Value image,
                          graph::HeadMode mode) const override {
    return BuildDetector(model(), mmengine::DetectorWeights(weights), image, mode);
  }
};

}  // namespace

bool IsMmdet(const ConfigNode& model) {
  return std::find(kDetectors.begin(), kDetectors.end(), TypeOf(model)) != kDetectors.end();
}

std::unique_ptr<ModelSource> OpenMmdet(mmengine::TrainedDetector trained) {
  const ConfigNode& model = trained.detector.model;
  const std::string type = TypeOf(model);
  const auto end = kDetectors.begin() + kSupported;
  if (std::find(kDetectors.begin(), end, type) == end) {
    model["type"].Fail("MMDetection's " + type + " is not supported",
                       "of MMDetection RTMDet and YOLOX are");
  }
  RefuseOldConfig(model);
  return std::make_unique<Mmdet>(std::move(trained));
}

}  // namespace yoloport::sources::mmdet
