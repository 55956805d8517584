// yoloport export: config and checkpoint to ONNX.
#include "yoloport/export.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "cli.h"
#include "commands.h"
#include "export_options.h"
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
  if (!is_silent) PrintSummary(report, options.backend, elapsed.count());
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
      .add_option("--dynamic", arguments.dynamic,
                  "Sizes to leave open: batch, or height,width, or batch,height,width")
      ->type_name(ListOf({"batch", "height", "width"}));
  command.add_flag("--half", options.half,
                   "Store and compute in float16; decoding and NMS stay in float32");
  command.add_flag("--model-only", options.model_only,
                   "End with the raw heads: no decoding, no NMS");
}

}  // namespace

Action AddExport(CLI::App& app) {
  CLI::App& command =
      *app.add_subcommand("export", "Write an ONNX file from a config and a checkpoint");
  command.allow_extras();
  ShowExamples(
      command,
      "  yoloport export config.py model.pth                          a training config and "
      "its checkpoint\n"
      "  yoloport export model.pth                                    a checkpoint that "
      "carries its config\n"
      "  yoloport export yolo11s.pt                                   one of Ultralytics or "
      "YOLOv5, which needs none\n"
      "  yoloport export config.py model.pth --from-test-cfg          with the thresholds "
      "of the config\n"
      "  yoloport export config.py model.pth --dynamic height width   for images of any "
      "size\n"
      "  yoloport export config.py model.pth --backend openvino       for another "
      "runtime\n");
  const auto arguments = std::make_shared<Arguments>();
  command
      .add_option(
          "files", arguments->files,
          "The training config (.py) and the checkpoint (.pth, .pt or .safetensors); the config is "
          "left out where the checkpoint carries one, or describes its network itself")
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
  command.add_flag("--quiet,-q", arguments->quiet, "Print errors only");
  BeginGroup(command, "The network");
  AddNetworkOptions(command, *arguments);
  BeginGroup(command, "Who runs the file");
  AddRunnerOptions(command, arguments->options);
  BeginGroup(command, "Thresholds");
  AddThresholdOptions(command, arguments->options);
  BeginGroup(command, "Config and checkpoint");
  AddConfigOptions(command, arguments->options, arguments->packages);
  command.add_flag("--legacy", arguments->options.legacy,
                   "The checkpoint is one of YOLOX 0.1.0, which normalized its images");
  command.add_flag(
      "--strict", arguments->options.strict,
      "Refuse weights that are NaN or infinite, negative variances, and weights that the "
      "network does not have");
  BeginGroup(command, "Accepted and not needed");
  command.add_option("--device", arguments->device, "Nothing is run");
  command.add_flag("--simplify", arguments->simplify, "The graph is written simplified");
  return [arguments] { Run(*arguments); };
}

}  // namespace yoloport::tool
