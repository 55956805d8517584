// What a yoloport ONNX file says about itself: one JSON document under the key `yoloport` of its
// `metadata_props`, enough to prepare an image, run the file and name what comes out.
// docs/metadata.md describes the document; this is its only reader and writer.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yoloport {

enum class ResizeKind { kLetterbox, kStretch };  // keep the aspect ratio and pad, or do not keep it
enum class Interpolation { kNearest, kBilinear, kBicubic, kArea, kLanczos };  // OpenCV's

// How resized extents become whole pixels.
enum class Rounding {
  kTruncate,  // int(x): mmyolo.YOLOv5KeepRatioResize
  kHalfUp,    // int(x + 0.5): mmcv's rescale_size, behind mmdet.Resize
  kHalfEven,  // Python's round(): mmyolo.LetterResize
};

enum class PadSide { kCenter, kRightBottom };  // LetterResize; mmdet.Pad

// How to prepare an image, as the config's test pipeline states it, for a network input of
// height x width: resize, pad, order channels, then (x - mean) / std.
struct ImageRecipe {
  int height = 640;  // pixels of the network's input
  int width = 640;
  ResizeKind resize = ResizeKind::kLetterbox;
  Interpolation shrink = Interpolation::kArea;       // where the image gets smaller
  Interpolation enlarge = Interpolation::kBilinear;  // where it gets larger
  Rounding rounding = Rounding::kTruncate;
  bool allow_scale_up = true;
  PadSide pad_side = PadSide::kCenter;
  std::array<float, 3> pad_value = {114, 114, 114};  // blue, green, red; 0..255
  bool rgb = true;                                   // channel order of the network's input
  std::array<float, 3> mean = {0, 0, 0};             // in the order of the input's channels
  std::array<float, 3> std = {255, 255, 255};
};

// What was used to make the file.
struct SourceFile {
  std::string name;    // file name without folders
  std::string sha256;  // hexadecimal
};

struct Thresholds {
  double score = 0.25;
  double iou = 0.65;
  std::int64_t pre_topk = 1000;
  std::int64_t keep_topk = 100;
  bool class_agnostic = false;
};

struct ModelInfo {
  std::string
      type;  // easydeploy's names: yolov5 yolox yolov6 ppyoloe ppyoloep yolov7 rtmdet yolov8
  std::string detector;    // the config's class names, for people: "YOLODetector: CSPNeXt, ..."
  std::string backend;     // onnxruntime, tensorrt8 ...
  bool end_to_end = true;  // outputs num_dets, boxes, scores, labels; else the raw heads
  int batch = 1;           // -1: dynamic
  std::vector<std::string> classes;
  std::vector<std::array<int, 3>> palette;  // red, green, blue per class; may be empty
  std::vector<std::array<int, 2>> strides;  // x, y per level
  // Anchor sizes (w, h) in pixels per level; empty for anchor-free heads.
  std::vector<std::vector<std::array<double, 2>>> anchors;
  double prior_offset = 0.5;  // offset of anchor-free priors in units of a stride
  int reg_max = 0;            // bins - 1 of a box side's distribution; 0: no distribution
  ImageRecipe recipe;
  Thresholds thresholds;
  std::optional<SourceFile> config;
  std::optional<SourceFile> checkpoint;
  std::string yoloport_version;
};

// The JSON document; the same info always gives the same text.
std::string ToJson(const ModelInfo& info);

// Throws ModelError that names the key when `json` is not such a document.
ModelInfo ModelInfoFromJson(std::string_view json);

// All `metadata_props` of an ONNX file, read without loading the graph or the weights.
// Throws FileError, or ModelError when the file is no ONNX file.
std::map<std::string, std::string> ReadOnnxMetadata(const std::filesystem::path& path);

}  // namespace yoloport
