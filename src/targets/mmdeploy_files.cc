#include "targets/mmdeploy_files.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace yoloport::targets {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kName = "yolodetector";  // of the model within these files
// The release of mmdeploy whose SDK these files are written for.
constexpr const char* kMmdeployVersion = "1.3.1";

// Blue, green, red. The SDK pads before it normalizes.
std::array<float, 3> PadPixel(const Preprocess& preprocess) {
  std::array<float, 3> pixel = preprocess.pad_value;
  if (preprocess.pad_domain == PadDomain::kPixel) return pixel;
  for (std::size_t i = 0; i < 3; ++i) pixel[i] = pixel[i] * preprocess.std[i] + preprocess.mean[i];
  if (preprocess.rgb) std::swap(pixel[0], pixel[2]);
  return pixel;
}

void NoteDifferences(const Preprocess& preprocess, std::vector<std::string>& notes) {
  if (preprocess.orientation == Orientation::kAsStored) {
    notes.emplace_back(
        "mmdeploy's programs turn images as EXIF says, unlike the config's color_type");
  }
  if (preprocess.long_edge > 0 && preprocess.pad_side == PadSide::kCenter) {
    notes.push_back(fmt::format(
        "mmdeploy's SDK knows one resize: it leaves out YOLOv5KeepRatioResize to edges of {} and "
        "{}, so that pixels differ",
        preprocess.long_edge, preprocess.short_edge));
  }
  if (preprocess.half_padding) {
    notes.emplace_back(
        "mmdeploy's SDK moves boxes back by whole pixels of padding, unlike half_pad_param");
  }
}

Json Deploy(const contract::ModelCard& info, const ExportOptions& options) {
  Json model;
  model["name"] = kName;
  model["net"] = options.output.filename().native();
  model["weights"] = "";
  model["backend"] = "onnxruntime";
  model["precision"] = "FP32";  // of what goes in and comes out
  model["batch_size"] = info.batch < 0 ? 1 : info.batch;
  model["dynamic_shape"] = info.batch < 0;
  Json json;
  json["version"] = kMmdeployVersion;
  json["task"] = "Detector";
  json["models"] = Json::array({model});
  json["customs"] = Json::array();
  return json;
}

// The transforms that fit an image into the input. The SDK knows one interpolation for both ways.
void AddResize(const Preprocess& preprocess, Json& transforms, std::vector<std::string>& notes) {
  Json resize;
  const Json padding = {{"img", PadPixel(preprocess)[0]}};
  const char* interpolation = contract::NameOf(preprocess.shrink);
  if (preprocess.resize == ResizeKind::kStretch || preprocess.pad_side == PadSide::kRightBottom) {
    resize["type"] = "Resize";
    resize["keep_ratio"] = preprocess.resize == ResizeKind::kLetterbox;
    resize["size"] = {preprocess.width, preprocess.height};
    if (preprocess.long_edge > 0) resize["size"] = {preprocess.long_edge, preprocess.short_edge};
    resize["interpolation"] = interpolation;
    transforms.push_back(resize);
    if (preprocess.resize == ResizeKind::kStretch) return;
    Json pad;
    pad["type"] = "Pad";
    pad["size"] = {preprocess.width, preprocess.height};
    pad["pad_val"] = {{"img", PadPixel(preprocess)}};
    transforms.push_back(pad);
    if (preprocess.height != preprocess.width) {
      notes.emplace_back(
          "mmdeploy's Resize takes an input that is not square for one that may be turned: images "
          "of the other orientation do not fit it");
    }
    return;
  }
  resize["type"] = "LetterResize";
  resize["scale"] = {preprocess.height, preprocess.width};
  resize["pad_val"] = padding;
  resize["allow_scale_up"] =
      preprocess.allow_scale_up || preprocess.rounding == Rounding::kTruncate;
  resize["use_mini_pad"] = false;
  resize["interpolation"] = interpolation;
  transforms.push_back(resize);
}

Json Pipeline(const contract::ModelCard& info, std::vector<std::string>& notes) {
  Json transforms = Json::array({{{"type", "LoadImageFromFile"}}});
  AddResize(info.preprocess, transforms, notes);
  NoteDifferences(info.preprocess, notes);
  Json normalize;
  normalize["type"] = "Normalize";
  normalize["to_rgb"] = info.preprocess.rgb;
  normalize["mean"] = info.preprocess.mean;
  normalize["std"] = info.preprocess.std;
  transforms.push_back(normalize);
  transforms.push_back({{"type", "DefaultFormatBundle"}});
  Json collect;
  collect["type"] = "Collect";
  collect["keys"] = {"img"};
  collect["meta_keys"] = {"ori_shape", "img_shape", "pad_shape", "scale_factor", "pad_param"};
  transforms.push_back(collect);

  Json prepare;
  prepare["type"] = "Task";
  prepare["module"] = "Transform";
  prepare["name"] = "Preprocess";
  prepare["input"] = {"img"};
  prepare["output"] = {"prep_output"};
  prepare["transforms"] = transforms;
  Json infer;
  infer["name"] = kName;
  infer["type"] = "Task";
  infer["module"] = "Net";
  infer["is_batched"] = info.batch < 0;
  infer["input"] = {"prep_output"};
  infer["output"] = {"infer_output"};
  infer["input_map"] = {{"img", "images"}};
  infer["output_map"] = Json::object();
  Json read;
  read["type"] = "Task";
  read["module"] = "mmdet";
  read["name"] = "postprocess";
  read["component"] = "ResizeBBox";
  read["params"] = {{"score_thr", 0.0}};  // the graph has its own; this leaves padding out
  read["output"] = {"post_output"};
  read["input"] = {"prep_output", "infer_output"};
  Json json;
  json["input"] = {"img"};
  json["output"] = {"post_output"};
  json["tasks"] = {prepare, infer, read};
  return {{"pipeline", json}};
}

Json Detail(const contract::ModelCard& info, const ExportOptions& options) {
  Json codebase;
  codebase["task"] = "ObjectDetection";
  codebase["codebase"] = "mmyolo";
  codebase["pth"] = info.checkpoint ? info.checkpoint->name : "";
  codebase["config"] = info.config ? info.config->name : "";
  Json post;
  post["score_threshold"] = info.nms.score_threshold;
  post["iou_threshold"] = info.nms.iou_threshold;
  post["pre_top_k"] = info.nms.pre_topk;
  post["keep_top_k"] = info.nms.keep_topk;
  Json config;
  config["type"] = "mmyolo";
  config["task"] = "ObjectDetection";
  config["model_type"] = "end2end";
  config["post_processing"] = post;
  Json onnx;
  onnx["type"] = "onnx";
  onnx["opset_version"] = options.opset;
  onnx["save_file"] = options.output.filename().native();
  onnx["input_names"] = {"images"};
  onnx["output_names"] = contract::OutputNames(contract::OutputLayout::kMmdeploy);
  onnx["input_shape"] = {info.preprocess.width, info.preprocess.height};
  Json json;
  json["version"] = kMmdeployVersion;
  json["codebase"] = codebase;
  json["codebase_config"] = config;
  json["onnx_config"] = onnx;
  json["backend_config"] = {{"type", "onnxruntime"}};
  json["calib_config"] = Json::object();
  return json;
}

}  // namespace

std::array<std::filesystem::path, 3> MmdeployFiles::Paths(const std::filesystem::path& model) {
  const std::filesystem::path folder = model.parent_path();
  return {folder / "deploy.json", folder / "pipeline.json", folder / "detail.json"};
}

MmdeployFiles::MmdeployFiles(const contract::ModelCard& info, const ExportOptions& options,
                             std::vector<std::string>& notes) {
  const auto paths = Paths(options.output);
  const std::array<Json, 3> contents = {Deploy(info, options), Pipeline(info, notes),
                                        Detail(info, options)};
  for (std::size_t i = 0; i < paths.size(); ++i) {
    files_.push_back(std::make_unique<base::AtomicFile>(paths[i]));
    // File names may be any bytes; what is no UTF-8 becomes U+FFFD.
    files_.back()->Write(contents[i].dump(4, ' ', false, Json::error_handler_t::replace) + "\n");
  }
}

void MmdeployFiles::Commit() {
  for (const auto& file : files_) file->Commit();
}

}  // namespace yoloport::targets
