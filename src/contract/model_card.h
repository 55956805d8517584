// What a yoloport ONNX file says about itself: one JSON document under the key `yoloport` of its
// `metadata_props`, enough to prepare an image, run the file and name what comes out.
// docs/metadata.md describes the document; this is its only reader and writer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "contract/nms_policy.h"
#include "yoloport/types.h"

namespace yoloport::contract {

// What was used to make the file.
struct SourceFile {
  std::string name;    // file name without folders
  std::string sha256;  // hexadecimal
};

// What the outputs of an end-to-end file are called and hold: whose program is to read them.
enum class OutputLayout {
  kMmyolo,       // num_dets, boxes, scores, labels: docs/nms.md
  kUltralytics,  // output0: N x K x 6
  kMmdeploy,     // dets: N x K x 5; labels
  kEfficientNms  // num_detections, detection_boxes, detection_scores, detection_classes
};

// The names of --layout, in the order of the enumeration.
inline constexpr std::array<const char*, 4> kOutputLayoutNames = {"mmyolo", "ultralytics",
                                                                  "mmdeploy", "efficientnms"};
const char* NameOf(OutputLayout layout);

// The names of a layout's outputs, in their order. Of four the first counts detections; all others
// have a row for each.
std::span<const std::string_view> OutputNames(OutputLayout layout);

// OpenCV's and MMCV's name: "bilinear" ...
const char* NameOf(Interpolation interpolation);

struct ModelCard {
  // easydeploy's names: yolov5 yolox yolov6 ppyoloe ppyoloep yolov7 rtmdet yolov8
  std::string type;
  std::string detector;    // the config's class names, for people: "YOLODetector: CSPNeXt, ..."
  std::string backend;     // onnxruntime, tensorrt8 ...
  bool end_to_end = true;  // with NMS; else the raw heads
  OutputLayout layout = OutputLayout::kMmyolo;  // of an end-to-end file
  int batch = 1;                                // -1: dynamic
  std::vector<std::string> classes;
  std::vector<std::array<int, 3>> palette;  // red, green, blue per class; may be empty
  std::vector<std::array<int, 2>> strides;  // x, y per level
  // Anchor sizes (w, h) in pixels per level; empty for anchor-free heads.
  std::vector<std::vector<std::array<double, 2>>> anchors;
  double prior_offset = 0.5;  // offset of anchor-free priors in units of a stride
  bool clips_boxes = false;   // as contract::HeadSpec
  int reg_max = 0;            // bins - 1 of a box side's distribution; 0: no distribution
  Preprocess preprocess;
  // Of an end-to-end graph, and how raw heads are decoded.
  NmsPolicy nms;
  // Whether score, iou and class_agnostic are optional inputs of the graph, with `nms` as defaults.
  bool runtime_thresholds = false;
  std::optional<SourceFile> config;
  std::optional<SourceFile> checkpoint;
  std::string yoloport_version;
};

// The JSON document; the same info always gives the same text.
std::string ToJson(const ModelCard& card);

// The same for a file that is being written. Throws ModelError, which would be a mistake in
// yoloport, when the document is one that ModelCardFromJson() refuses.
std::string ToCheckedJson(const ModelCard& card);

// Throws ModelError that names the key when `json` is not such a document: a key missing, unknown,
// of another type or out of range, or a document of a later format.
ModelCard ModelCardFromJson(std::string_view json);
// The same; the message begins with `file`, a quoted name.
ModelCard ModelCardFromJson(std::string_view json, const std::string& file);

}  // namespace yoloport::contract
