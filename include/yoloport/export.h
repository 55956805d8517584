// Exporting: a training config and a checkpoint to an ONNX file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace yoloport {

// The options of MMYOLO's easydeploy exporter under their names and with their defaults, and some
// more.
struct ExportOptions {
  // Empty: the config that the checkpoint carries, or none is needed, as for those of Ultralytics.
  std::filesystem::path config = {};
  std::filesystem::path checkpoint = {};  // .pth of MMYOLO, .pt of Ultralytics, or .safetensors
  std::filesystem::path output = {};  // the .onnx file to write; its folder is made where needed

  // "a.b=value" as MMEngine's --cfg-options.
  std::vector<std::string> cfg_options = {};
  // Where the configs of a package lie that `_base_` reaches into ("mmdet" -> folder).
  std::map<std::string, std::filesystem::path> packages = {};

  // Pixels of the network's input, multiples of the largest stride; one of them alone stands for
  // both. Neither: the size that the config tests its network at, rounded up to such multiples, or
  // 640 x 640 where it states none.
  std::optional<int> height = {};
  std::optional<int> width = {};
  int batch = 1;
  bool dynamic_batch = false;  // the file takes any number of images a run; `batch` does not matter
  bool dynamic_size = false;   // ... and any height and width that are multiples of the largest
                               // stride; those above are what it is usually given

  // What the file takes: "float32", normalised as the config says, or "uint8", the letterboxed
  // image as it is: in `input_layout` "nchw" or "nhwc" and `input_color` "bgr" or "rgb" (empty:
  // nchw and bgr).
  std::string input = "float32";
  std::string input_layout = {};
  std::string input_color = {};
  bool half = false;  // store and compute in float16; decoding and NMS stay in float32

  int opset = 11;                       // 11 to 17
  std::string backend = "onnxruntime";  // one of ExportBackends(), upper or lower case
  std::string layout = "mmyolo";        // of the detections: one of ExportLayouts()
  bool model_only = false;              // end with the heads: no decoding, no NMS

  std::int64_t pre_topk = 1000;  // candidates per image that enter NMS
  std::int64_t keep_topk = 100;  // detections per image that come out
  double iou_threshold = 0.65;
  double score_threshold = 0.25;
  // Boxes that are not wider and higher are left out before suppression, counted in pixels of the
  // original image (docs/nms.md); below 0: boxes of any size.
  double min_box_size = -1;
  bool class_agnostic = false;      // classes suppress each other
  bool runtime_thresholds = false;  // the three above become optional inputs of the file
  bool from_test_cfg = false;       // take all of these from the config's model.test_cfg, or from
                                    // what the detector's own program does where there is none
  // The checkpoint is of YOLOX 0.1.0, which normalized RGB; no file says so.
  bool legacy = false;
  bool strict = false;  // refuse weights that are NaN or infinite, negative variances, surplus keys
};

// Sets dynamic_batch and dynamic_size from the axes that are to be open, separated by commas:
// "batch", "height,width" or all three; "" leaves none open. Throws UsageError.
void SetDynamicAxes(ExportOptions& options, std::string_view axes);

// The backends that files are written for: onnxruntime, openvino, tensorrt8, tensorrt7 end to end;
// for the others a file always ends with the heads. docs/backends.md describes them.
std::vector<std::string> ExportBackends();

// Whose program is to read the detections: mmyolo (docs/nms.md), ultralytics, mmdeploy,
// efficientnms. docs/layouts.md describes them.
std::vector<std::string> ExportLayouts();

// One input or output of a written file.
struct TensorSummary {
  std::string name;
  std::string dtype;                // "float32" ...
  std::vector<std::int64_t> shape;  // -1: known only when run
};

struct ExportReport {
  std::filesystem::path output;
  std::string type;      // yolov5, rtmdet ...: easydeploy's names
  std::string detector;  // the config's components: "CSPNeXt, CSPNeXtPAFPN, RTMDetHead"
  std::vector<TensorSummary> inputs;
  std::vector<TensorSummary> outputs;
  std::int64_t parameters = 0;  // elements of all weights in the file
  std::int64_t nodes = 0;
  std::uint64_t bytes = 0;  // of the file
  std::vector<std::string>
      notes;  // what the user should know: threshold changes, prefixes removed ...
};

// Writes `options.output` - with the layout mmdeploy also deploy.json, pipeline.json and
// detail.json beside it - atomically: on any error nothing is created or changed. Throws UsageError
// (an option outside its range), ConfigError, CheckpointError, ModelError, FileError.
ExportReport Export(const ExportOptions& options);

}  // namespace yoloport
