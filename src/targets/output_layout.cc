#include "targets/output_layout.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "graph/ops.h"
#include "yoloport/error.h"

namespace yoloport::targets {
namespace {

using contract::NameOf;
using graph::Value;
using tasks::detect::nodes::Detections;

[[noreturn]] void FailBackend(contract::OutputLayout layout, const Target& target, const char* why,
                              const char* hint) {
  throw UsageError(fmt::format("--layout {} cannot be had with the backend {}: {}", NameOf(layout),
                               target.name, why),
                   hint);
}

bool IsOneNumber(const std::array<float, 3>& values) {
  return values[0] == values[1] && values[1] == values[2];
}

// N x K x 6: corners, score and class; rows of padding are zeros.
Value UltralyticsRows(const Detections& detections) {
  const Value labels = graph::Cast(detections.labels, tensor::DType::kFloat32);
  const Value classes = graph::Max(labels, graph::ScalarLike(labels, 0));
  const auto column = [](Value values) { return graph::Reshape(values, tensor::Shape{0, -1, 1}); };
  return graph::Concat({detections.boxes, column(detections.scores), column(classes)}, 2);
}

// N x K x 5: corners and score.
Value MmdeployRows(const Detections& detections) {
  return graph::Concat(
      {detections.boxes, graph::Reshape(detections.scores, tensor::Shape{0, -1, 1})}, 2);
}

}  // namespace

contract::OutputLayout FindLayout(const std::string& name) {
  const auto* found =
      std::find(contract::kOutputLayoutNames.begin(), contract::kOutputLayoutNames.end(), name);
  if (found != contract::kOutputLayoutNames.end()) {
    return static_cast<contract::OutputLayout>(found - contract::kOutputLayoutNames.begin());
  }
  throw UsageError("unknown --layout " + base::Quote(name),
                   "known are: " + base::JoinText(ExportLayouts()));
}

void CheckLayout(contract::OutputLayout layout, const Target& target,
                 const ExportOptions& options) {
  if (layout == contract::OutputLayout::kMmyolo) return;
  if (options.model_only) {
    throw UsageError(fmt::format("--layout {} is one of detections, and the file is to end with "
                                 "the raw heads",
                                 NameOf(layout)),
                     "leave --model-only out, and use a backend that has NMS");
  }
  if (layout == contract::OutputLayout::kEfficientNms) {
    if (target.nms == tasks::detect::nodes::NmsOperator::kEfficient) return;
    FailBackend(layout, target, "it has the outputs of TensorRT's plugin EfficientNMS_TRT",
                "use the backend tensorrt8");
  }
  if (options.input != "float32") {
    throw UsageError(
        fmt::format("--layout {} takes --input float32, not {}: its runner gives floats",
                    NameOf(layout), options.input));
  }
  if (layout == contract::OutputLayout::kMmdeploy && target.name != "onnxruntime") {
    FailBackend(layout, target, "of ONNX files, mmdeploy's SDK runs those for ONNX Runtime only",
                "use the backend onnxruntime");
  }
  if (layout == contract::OutputLayout::kUltralytics &&
      target.nms != tasks::detect::nodes::NmsOperator::kOnnx) {
    FailBackend(layout, target, "Ultralytics' runners have no NMS plugins",
                "use the backend onnxruntime or openvino");
  }
}

Preprocess RunnersPreprocess(contract::OutputLayout layout, const Preprocess& preprocess,
                             std::vector<std::string>& notes) {
  if (layout != contract::OutputLayout::kUltralytics) return preprocess;
  Preprocess runners = preprocess;
  runners.resize = ResizeKind::kLetterbox;
  runners.shrink = runners.enlarge = Interpolation::kBilinear;
  runners.rounding = Rounding::kHalfEven;
  runners.allow_scale_up = true;
  runners.pad_side = PadSide::kCenter;
  runners.pad_domain = PadDomain::kPixel;
  runners.pad_value = {114, 114, 114};
  runners.long_edge = runners.short_edge = 0;
  runners.pad_to = PadTo::kStride;
  runners.half_padding = false;
  runners.orientation = Orientation::kUpright;
  std::vector<std::string> differences;
  if (preprocess.resize != runners.resize) differences.emplace_back("letterboxes, not stretches");
  if (preprocess.shrink != runners.shrink) differences.emplace_back("shrinks bilinearly");
  if (preprocess.resize == runners.resize && preprocess.pad_side != runners.pad_side) {
    differences.emplace_back("pads on both sides");
  }
  if (preprocess.pad_domain != runners.pad_domain || preprocess.pad_value != runners.pad_value) {
    differences.emplace_back("pads with 114");
  }
  if (preprocess.long_edge > std::max(preprocess.width, preprocess.height)) {
    differences.emplace_back("resizes once");
  } else if (preprocess.long_edge > 0) {
    differences.emplace_back("fills the input");
  }
  if (preprocess.orientation != runners.orientation) {
    differences.emplace_back("turns images as EXIF says");
  }
  if (!differences.empty()) {
    notes.push_back("Ultralytics' runners prepare images unlike the config's test pipeline (" +
                    base::JoinText(differences) + "), and so does `detect` with this file");
  }
  return runners;
}

std::optional<GivenPixels> RunnersPixels(contract::OutputLayout layout,
                                         const Preprocess& preprocess) {
  if (layout == contract::OutputLayout::kUltralytics) return GivenPixels{255, true};
  // DeepStream has one scale for all channels.
  if (layout == contract::OutputLayout::kEfficientNms && !IsOneNumber(preprocess.std)) {
    return GivenPixels{1, preprocess.rgb};
  }
  return std::nullopt;
}

void AddDetections(graph::Graph& graph, const Detections& detections,
                   contract::OutputLayout layout) {
  const graph::NameScope scope(graph, "detections");
  std::vector<Value> values = {detections.num_dets, detections.boxes, detections.scores,
                               detections.labels};
  if (layout == contract::OutputLayout::kUltralytics) values = {UltralyticsRows(detections)};
  if (layout == contract::OutputLayout::kMmdeploy)
    values = {MmdeployRows(detections), detections.labels};
  const auto names = contract::OutputNames(layout);
  for (std::size_t i = 0; i < values.size(); ++i) {
    graph.Output(values[i], std::string(names[i]), {kBatchDim});
  }
}

}  // namespace yoloport::targets

namespace yoloport {

std::vector<std::string> ExportLayouts() {
  return {contract::kOutputLayoutNames.begin(), contract::kOutputLayoutNames.end()};
}

}  // namespace yoloport
