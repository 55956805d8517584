// yoloport finish: post-processing and metadata onto an ONNX file that ends with raw heads.
#include "yoloport/finish.h"

#include <chrono>
#include <memory>

#include "cli.h"
#include "commands.h"
#include "detect_model_options.h"
#include "export_options.h"
#include "yoloport/limits.h"

namespace yoloport::tool {
namespace {

struct Arguments {
  FinishOptions options;
  ModelOptions description;
  std::vector<int> img_size;
  std::vector<std::string> packages;  // PKG=DIR
  bool quiet = false;
};

// RAW.onnx as RAW_finished.onnx, beside it.
std::filesystem::path DefaultOutput(const std::filesystem::path& model) {
  std::filesystem::path name = model.stem();
  name += "_finished.onnx";
  return model.parent_path() / name;
}

void Run(Arguments& arguments) {
  const auto start = std::chrono::steady_clock::now();
  FinishOptions& options = arguments.options;
  if (!arguments.img_size.empty()) {
    options.file.height = arguments.img_size.front();
    options.file.width = arguments.img_size.back();
  }
  if (options.file.output.empty()) options.file.output = DefaultOutput(options.model);
  options.file.packages = ParsePackages(arguments.packages);
  ApplyDescription(arguments.description, options.description);
  const bool is_silent = arguments.quiet || IsStdout(options.file.output);
  const ExportReport report = Finish(options);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (!is_silent) PrintSummary(report, options.file.backend, elapsed.count());
}

}  // namespace

Action AddFinish(CLI::App& app) {
  CLI::App& command = *app.add_subcommand(
      "finish", "Add decoding, NMS and metadata to an ONNX file that ends with raw heads");
  command.allow_extras();
  ShowExamples(command,
               "  yoloport finish raw.onnx --config config.py                  heads and "
               "preprocessing by the config\n"
               "  yoloport finish raw.onnx --type yolov8 --class-names names.txt\n");
  const auto arguments = std::make_shared<Arguments>();
  FinishOptions& options = arguments->options;
  command
      .add_option("model", options.model,
                  "The file, of any program: easydeploy's --model-only, torch.onnx ...")
      ->type_name("RAW.onnx")
      ->required();
  command
      .add_option("--config", options.file.config,
                  "The training config; what is not known in it but the head does not matter")
      ->type_name("CONFIG.py");
  command.add_option("--output", options.file.output, "Output file; default RAW_finished.onnx")
      ->type_name("FILE");
  command
      .add_option("--outputs", options.outputs,
                  "Names of the values that are the raw heads; default: all outputs of the file")
      ->type_name("NAME,NAME...")
      ->delimiter(',')
      ->allow_extra_args(false);
  command
      .add_option("--img-size", arguments->img_size,
                  "Usual height and width, where the file takes any size; default: the config's")
      ->expected(1, 2)
      ->allow_extra_args(false)
      ->check(WholeNumber(1, kLargestSide, "; the file stands before --img-size"))
      ->type_name("H [W]");
  command.add_flag("--strict", options.file.strict, "Refuse weights that are NaN or infinite");
  command.add_flag("--quiet,-q", arguments->quiet, "Print errors only");
  BeginGroup(command, "Who runs the file");
  AddRunnerOptions(command, options.file);
  BeginGroup(command, "Thresholds");
  AddThresholdOptions(command, options.file);
  BeginGroup(command, "The config");
  AddConfigOptions(command, options.file, arguments->packages);
  DeclareDescription(command, arguments->description, "What the config does not say",
                     "without a config: letterbox");
  return [arguments] { Run(*arguments); };
}

}  // namespace yoloport::tool
