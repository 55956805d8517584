#include "pipeline/export_backend.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "graph/ops.h"
#include "pipeline/network_input.h"
#include "pipeline/output_layout.h"
#include "yoloport/error.h"

namespace yoloport {
namespace {

constexpr std::array<ExportBackend, 12> kBackends = {{
    {"onnxruntime", NmsOperator::kOnnx, false},
    {"openvino", NmsOperator::kOnnx, false, graph::HeadLayout::kPositionsFirst},
    {"tensorrt8", NmsOperator::kEfficient, false},
    {"tensorrt7", NmsOperator::kBatched, false},
    {"ncnn", std::nullopt, true},
    {"horizonx3", std::nullopt, true},
    {"rknn", std::nullopt, false},
    {"ax620a", std::nullopt, false},
    {"coreml", std::nullopt, false},
    {"pplnn", std::nullopt, false},
    {"torchscript", std::nullopt, true},
    {"tvm", std::nullopt, false},
}};

constexpr std::int64_t kLargestTensorRtRanking = 3840;  // K of TensorRT's TopK
constexpr int kTensorRt7Opset = 11;                     // the last that its parser knows

bool IsTensorRt(const ExportBackend& backend) {
  return backend.nms == NmsOperator::kEfficient || backend.nms == NmsOperator::kBatched;
}

// Where there are no more anchors than pre_topk, none are ranked.
void CheckRanking(const ExportBackend& backend, const ExportOptions& options,
                  const graph::DetectionHead& head) {
  if (!IsTensorRt(backend) || options.pre_topk <= kLargestTensorRtRanking) return;
  std::int64_t anchors = 0;
  for (const graph::HeadLevel& level : head.levels) {
    const std::int64_t count = level.classes.dim(PositionAxis(head.layout));
    if (count == graph::kDynamic) anchors = graph::kDynamic;
    if (anchors != graph::kDynamic) anchors += count;
  }
  if (anchors != graph::kDynamic && anchors <= options.pre_topk) return;
  std::string hint =
      fmt::format("{} at most {}", options.from_test_cfg ? "set model.test_cfg.nms_pre to" : "give",
                  kLargestTensorRtRanking);
  if (anchors != graph::kDynamic) {
    hint += fmt::format(", or at least {}: that is all anchors, which need no ranking", anchors);
  }
  throw UsageError(fmt::format("--pre-topk is {}, but TensorRT ranks at most {}", options.pre_topk,
                               kLargestTensorRtRanking),
                   hint);
}

// Plugins have no optional inputs, and programs of others would not know this one.
bool HasMinBoxInput(const ExportBackend& backend, const ExportOptions& options) {
  return options.min_box_size > 0 && backend.nms == NmsOperator::kOnnx &&
         FindLayout(options.layout) == contract::OutputLayout::kMmyolo;
}

// "height/8" for a dynamic height that is divided by the stride 8.
std::string LevelDim(const char* side, double stride) {
  return fmt::format("{}/{}", side, static_cast<int>(stride));
}

void AddRawHeads(graph::Graph& graph, const HeadOutput& network, const ExportBackend& backend) {
  for (std::size_t i = 0; i < network.raw.size(); ++i) {
    const auto [x, y] = network.head.spec.levels[i].stride;
    std::vector<std::string> dims = {kBatchDim, "", LevelDim(kHeightDim, y),
                                     LevelDim(kWidthDim, x)};
    graph::Value raw = network.raw[i];
    if (backend.channels_last) {
      raw = graph::Transpose(raw, {0, 2, 3, 1});
      std::rotate(dims.begin() + 1, dims.begin() + 2, dims.end());
    }
    graph.Output(raw, "output" + std::to_string(i), std::move(dims));
  }
}

}  // namespace

std::vector<std::string> ExportBackends() {
  std::vector<std::string> names;
  for (const ExportBackend& backend : kBackends) names.emplace_back(backend.name);
  return names;
}

const ExportBackend& FindExportBackend(std::string_view name) {
  const std::string lower = AsciiLower(name);
  const auto found = std::find_if(kBackends.begin(), kBackends.end(),
                                  [&](const ExportBackend& entry) { return entry.name == lower; });
  if (found != kBackends.end()) return *found;
  throw UsageError("unknown backend " + Quote(name),
                   "known are: " + JoinText(ExportBackends(), kBackends.size()));
}

void CheckBackendOptions(const ExportBackend& backend, const ExportOptions& options) {
  if (options.model_only) return;
  if (options.runtime_thresholds && backend.nms != NmsOperator::kOnnx) {
    throw UsageError(fmt::format("--runtime-thresholds cannot be had with the backend {}: its NMS "
                                 "plugin takes thresholds as attributes",
                                 backend.name),
                     "export with the thresholds, or change them later with `yoloport set`");
  }
  if (backend.nms == NmsOperator::kBatched && options.class_agnostic) {
    throw UsageError(
        "--class-agnostic cannot be had with the backend tensorrt7: its BatchedNMSDynamic_TRT only "
        "suppresses boxes of one class",
        "use the backend tensorrt8, or merge the classes in the training config");
  }
  const std::int64_t most = LargestKeepTopk(*backend.nms);
  if (options.keep_topk > most) {
    throw UsageError(fmt::format("--keep-topk is {}, but the NMS plugin of {} keeps at most {}",
                                 options.keep_topk, backend.name, most));
  }
}

std::vector<std::string> BackendNotes(const ExportBackend& backend, const ExportOptions& options) {
  std::vector<std::string> notes;
  if (!backend.nms) {
    notes.push_back(fmt::format("{} takes no NMS: the file ends with the raw heads{}", backend.name,
                                backend.channels_last ? ", channels last" : ""));
  }
  if (options.model_only) return notes;
  if (options.min_box_size > 0 && !HasMinBoxInput(backend, options)) {
    notes.push_back(fmt::format(
        "--min-box-size {:g} counts pixels of the image, whose scale this file is not told: it "
        "counts pixels of the input instead",
        options.min_box_size));
  }
  if (backend.nms == NmsOperator::kBatched && options.opset > kTensorRt7Opset) {
    notes.push_back(fmt::format("TensorRT 7 knows ONNX up to opset {}; this file is of opset {}",
                                kTensorRt7Opset, options.opset));
  }
  if (backend.nms == NmsOperator::kEfficient && options.class_agnostic) {
    notes.emplace_back(
        "class-agnostic NMS needs TensorRT 8.6.1 or later: earlier ones ignore it silently");
  }
  return notes;
}

void AddBackendOutputs(graph::Graph& graph, const HeadOutput& network, const ExportBackend& backend,
                       const ExportOptions& options, contract::OutputLayout layout,
                       const contract::NmsPolicy& policy) {
  if (options.model_only) {
    AddRawHeads(graph, network, backend);
    return;
  }
  CheckRanking(backend, options, network.head);
  const Detections detections = PostProcess(
      network.head, *backend.nms, policy,
      {.thresholds = options.runtime_thresholds, .min_box = HasMinBoxInput(backend, options)});
  AddDetections(graph, detections, layout);
}

}  // namespace yoloport
