#include "export_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "cli.h"
#include "yoloport/limits.h"
#include "yoloport/text.h"

namespace yoloport::tool {
namespace {

std::string ShapeText(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t extent : shape) {
    if (!text.empty()) text += " x ";
    text += extent < 0 ? "?" : std::to_string(extent);
  }
  return text;
}

std::string TensorsText(const std::vector<TensorSummary>& tensors) {
  std::string text;
  for (const TensorSummary& tensor : tensors) {
    if (!text.empty()) text += "\n            ";
    text += fmt::format("{} {} {}", tensor.name, tensor.dtype, ShapeText(tensor.shape));
  }
  return text;
}

// What people do with the file of a backend.
std::string NextCommand(std::string backend, const std::string& file) {
  std::transform(backend.begin(), backend.end(), backend.begin(),
                 [](unsigned char c) { return std::tolower(c); });
  if (backend == "tensorrt8" || backend == "tensorrt7") return "yoloport build-engine " + file;
  const std::string runtime = backend == "openvino" ? " --runtime openvino" : "";
  return "yoloport detect IMAGES... " + file + runtime;
}

}  // namespace

CLI::Validator WholeNumber(std::int64_t low, std::int64_t high, const std::string& more) {
  return {[low, high, more](const std::string& text) {
            if (ParseNumber<int>(text)) return std::string();
            const bool is_number =
                !text.empty() && ParseNumber<int>(text.substr(0, text.starts_with('-') ? 2 : 1));
            return fmt::format("{} is no whole number between {} and {}{}", Printable(text), low,
                               high, is_number ? "" : more);
          },
          ""};
}

void AddRunnerOptions(CLI::App& command, ExportOptions& options) {
  command
      .add_option("--backend", options.backend,
                  "Who is to run or compile the file; those after tensorrt7 get the raw heads")
      ->type_name(OneOf(ExportBackends()))
      ->capture_default_str();
  command.add_option("--layout", options.layout, "Whose program is to read the detections")
      ->type_name(OneOf(ExportLayouts()))
      ->capture_default_str();
  command
      .add_option("--input", options.input,
                  "float32, normalised; or uint8, the letterboxed image as it is")
      ->type_name(OneOf({"float32", "uint8"}))
      ->capture_default_str();
  command
      .add_option("--input-layout", options.input_layout,
                  "Of a uint8 input: nchw (default) or nhwc, as images lie in memory")
      ->type_name(OneOf({"nchw", "nhwc"}));
  command
      .add_option("--input-color", options.input_color,
                  "Of a uint8 input: bgr (default), as OpenCV reads images, or rgb")
      ->type_name(OneOf({"bgr", "rgb"}));
}

void AddThresholdOptions(CLI::App& command, ExportOptions& options) {
  command.add_option("--pre-topk", options.pre_topk, "Candidates per image that enter NMS")
      ->check(WholeNumber(1, kLargestTopk))
      ->capture_default_str();
  command.add_option("--keep-topk", options.keep_topk, "Detections per image that come out")
      ->check(WholeNumber(1, kLargestTopk))
      ->capture_default_str();
  command
      .add_option("--iou-threshold", options.iou_threshold,
                  "Overlap above which the lesser box is dropped")
      ->capture_default_str();
  command
      .add_option("--score-threshold", options.score_threshold, "Scores at or below are dropped")
      ->capture_default_str();
  command
      .add_option("--min-box-size", options.min_box_size,
                  "Leave out boxes that are not wider and higher than this, in pixels of the image")
      ->type_name("PIXELS");
  command.add_flag("--from-test-cfg", options.from_test_cfg,
                   "Take the numbers above from the config's model.test_cfg, or those that "
                   "Ultralytics' and YOLOv5's own programs have");
  command.add_flag("--class-agnostic", options.class_agnostic,
                   "Let classes suppress each other in NMS");
  command.add_flag("--runtime-thresholds", options.runtime_thresholds,
                   "Make the thresholds and class-agnosticism optional inputs of the file");
}

void AddConfigOptions(CLI::App& command, ExportOptions& options,
                      std::vector<std::string>& packages) {
  command.add_option("--cfg-options", options.cfg_options,
                     "Change the config: model.a.b=value ...");
  command.add_option("--package-path", packages,
                     "PACKAGE=FOLDER: where the configs of a package lie that _base_ reaches into");
}

void PrintSummary(const ExportReport& report, const std::string& backend, double seconds) {
  for (const std::string& note : report.notes) Print("note: " + Printable(note) + "\n");
  Print(
      fmt::format("{}\n"
                  "  model     {} ({})\n"
                  "  input     {}\n"
                  "  output    {}\n"
                  "  size      {:.2f} M parameters, {} nodes, {:.1f} MB\n"
                  "  time      {:.2f} s\n"
                  "  next      {}\n",
                  report.output.native(), report.type, report.detector, TensorsText(report.inputs),
                  TensorsText(report.outputs), static_cast<double>(report.parameters) / 1e6,
                  report.nodes, static_cast<double>(report.bytes) / 1e6, seconds,
                  NextCommand(backend, report.output.native())));
}

}  // namespace yoloport::tool
