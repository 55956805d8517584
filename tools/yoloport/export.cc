// yoloport export: config and checkpoint to ONNX.
#include "yoloport/export.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "cli.h"
#include "commands.h"
#include "yoloport/error.h"
#include "yoloport/limits.h"
#include "yoloport/text.h"

namespace yoloport::tool {
namespace {

struct Arguments {
  ExportOptions options;
  std::vector<std::string> files;  // CONFIG CHECKPOINT, or CHECKPOINT alone
  std::vector<int> img_size;       // height, width; one number for both; none: the config's
  std::string dynamic;             // axes, separated by commas
  std::string work_dir = "./work_dir";
  std::string device;
  std::vector<std::string> packages;  // PKG=DIR
  bool simplify = false;
  bool quiet = false;
};

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

void PrintSummary(const ExportReport& report, double seconds) {
  for (const std::string& note : report.notes) Print("note: " + Printable(note) + "\n");
  Print(
      fmt::format("{}\n"
                  "  model     {} ({})\n"
                  "  input     {}\n"
                  "  output    {}\n"
                  "  size      {:.2f} M parameters, {} nodes, {:.1f} MB\n"
                  "  time      {:.2f} s\n",
                  report.output.native(), report.type, report.detector, TensorsText(report.inputs),
                  TensorsText(report.outputs), static_cast<double>(report.parameters) / 1e6,
                  report.nodes, static_cast<double>(report.bytes) / 1e6, seconds));
}

void SetFiles(Arguments& arguments) {
  ExportOptions& options = arguments.options;
  if (arguments.files.size() == 2) options.config = arguments.files.front();
  options.checkpoint = arguments.files.back();
  if (arguments.files.size() == 1 && options.checkpoint.extension() == ".py") {
    throw UsageError("the checkpoint is missing", "yoloport export CONFIG.py CHECKPOINT.pth");
  }
}

// Decides where the file goes.
void SetOutput(Arguments& arguments) {
  ExportOptions& options = arguments.options;
  if (options.output.empty()) {
    options.output = std::filesystem::path(arguments.work_dir) / options.checkpoint.filename();
    options.output.replace_extension(".onnx");
  }
}

void Run(Arguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  ExportOptions& options = arguments.options;
  if (!arguments.img_size.empty()) {
    options.height = arguments.img_size.front();
    options.width = arguments.img_size.back();
  }
  SetDynamicAxes(options, arguments.dynamic);
  SetFiles(arguments);
  SetOutput(arguments);
  options.packages = ParsePackages(arguments.packages);
  const bool is_silent = arguments.quiet || IsStdout(options.output);
  ExportReport report = Export(options);
  if (arguments.simplify) {
    report.notes.emplace_back("--simplify is not needed: the graph is written simplified");
  }
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (!is_silent) PrintSummary(report, elapsed.count());
}

// For options whose range the library checks: says the range also where the text is no number that
// it could be asked about, and `more` where it does not even begin with one.
CLI::Validator WholeNumber(std::int64_t low, std::int64_t high, const std::string& more = "") {
  return {[low, high, more](const std::string& text) {
            if (ParseNumber<int>(text)) return std::string();
            const bool is_number =
                !text.empty() && ParseNumber<int>(text.substr(0, text.starts_with('-') ? 2 : 1));
            return fmt::format("{} is no whole number between {} and {}{}", Printable(text), low,
                               high, is_number ? "" : more);
          },
          ""};
}

void AddNetworkOptions(CLI::App& command, Arguments& arguments) {
  ExportOptions& options = arguments.options;
  command
      .add_option("--img-size", arguments.img_size,
                  "Height and width of the input; one number for both; default: the size that the "
                  "config tests at, or 640 640 where it states none")
      ->expected(1, 2)
      ->allow_extra_args(false)  // what follows two numbers is a file
      ->check(
          WholeNumber(1, kLargestSide, "; files stand before --img-size, or behind two numbers"))
      ->type_name("H [W]");
  command.add_option("--batch-size,--batch", options.batch, "Images per run")
      ->check(WholeNumber(1, kLargestBatch))
      ->capture_default_str();
  command.add_option("--opset", options.opset, "ONNX operator set, 11 to 17")
      ->check(WholeNumber(kLowestOpset, kHighestOpset))
      ->capture_default_str();
  command
      .add_option("--backend", options.backend,
                  "Who is to run or compile the file; those after tensorrt7 get the raw heads")
      ->type_name(OneOf(ExportBackends()))
      ->capture_default_str();
  command.add_option("--layout", options.layout, "Whose program is to read the detections")
      ->type_name(OneOf(ExportLayouts()))
      ->capture_default_str();
  command
      .add_option("--dynamic", arguments.dynamic,
                  "Sizes to leave open: batch, or height,width, or batch,height,width")
      ->type_name(ListOf({"batch", "height", "width"}));
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
  command.add_flag("--half", options.half,
                   "Store and compute in float16; decoding and NMS stay in float32");
  command.add_flag("--model-only", options.model_only,
                   "End with the raw heads: no decoding, no NMS");
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
                   "Take the numbers above from the config's model.test_cfg");
  command.add_flag("--class-agnostic", options.class_agnostic,
                   "Let classes suppress each other in NMS");
  command.add_flag("--runtime-thresholds", options.runtime_thresholds,
                   "Make the thresholds and class-agnosticism optional inputs of the file");
}

}  // namespace

Action AddExport(CLI::App& app) {
  CLI::App& command =
      *app.add_subcommand("export", "Write an ONNX file from a config and a checkpoint");
  command.allow_extras();
  const auto arguments = std::make_shared<Arguments>();
  command
      .add_option(
          "files", arguments->files,
          "The training config (.py) and the checkpoint (.pth or .safetensors); the config may be "
          "left out when the checkpoint carries one")
      ->type_name("[CONFIG] CHECKPOINT")
      ->required()
      ->expected(1, 2);
  command
      .add_option("--work-dir", arguments->work_dir, "Folder of the output, created where needed")
      ->type_name("FOLDER")
      ->capture_default_str();
  command
      .add_option("--output", arguments->options.output,
                  "Output file; default WORK_DIR/CHECKPOINT.onnx")
      ->type_name("FILE");
  AddNetworkOptions(command, *arguments);
  AddThresholdOptions(command, arguments->options);
  command.add_option("--cfg-options", arguments->options.cfg_options,
                     "Change the config: model.a.b=value ...");
  command.add_option("--package-path", arguments->packages,
                     "PACKAGE=FOLDER: where the configs of a package lie that _base_ reaches into");
  command.add_option("--device", arguments->device, "Accepted and not needed: nothing is run");
  command.add_flag("--simplify", arguments->simplify,
                   "Accepted and not needed: the graph is written simplified");
  command.add_flag(
      "--strict", arguments->options.strict,
      "Refuse weights that are NaN or infinite, negative variances, and weights that the "
      "network does not have");
  command.add_flag("--quiet,-q", arguments->quiet, "Print errors only");
  return [arguments] { Run(*arguments); };
}

}  // namespace yoloport::tool
