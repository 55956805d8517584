// yoloport inspect: what a file holds.
#include "yoloport/inspect.h"

#include <fmt/format.h>

#include <memory>

#include "cli.h"
#include "commands.h"
#include "yoloport/error.h"

namespace yoloport::tool {
namespace {

struct Arguments {
  std::filesystem::path file;
  std::string format = "json";  // of a config
  bool json = false;            // of a checkpoint or model
  std::vector<std::string> cfg_options;
  std::vector<std::string> packages;
};

void Run(const Arguments& arguments) {
  if (arguments.file.extension() == ".onnx") {
    Print(InspectModel(arguments.file, arguments.json));
    return;
  }
  if (arguments.file.extension() != ".py" && arguments.file.extension() != ".json") {
    Print(InspectCheckpoint(arguments.file, arguments.json));
    return;
  }
  InspectOptions options;
  options.cfg_options = arguments.cfg_options;
  options.packages = ParsePackages(arguments.packages);
  const ConfigFormat format =
      arguments.format == "python" ? ConfigFormat::kPython : ConfigFormat::kJson;
  const ConfigInspection config = InspectConfig(arguments.file, format, options);
  for (const std::string& note : config.notes) PrintNote(note);
  // Beside the config, which others read from stdout.
  if (!config.origin.empty()) fmt::print(stderr, "origin: {}\n", Printable(config.origin));
  Print(config.text);
}

}  // namespace

std::map<std::string, std::filesystem::path> ParsePackages(
    const std::vector<std::string>& entries) {
  std::map<std::string, std::filesystem::path> packages;
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw UsageError("--package-path " + entry + ": expected PACKAGE=FOLDER");
    }
    packages[entry.substr(0, equals)] = entry.substr(equals + 1);
  }
  return packages;
}

Action AddInspect(CLI::App& app) {
  CLI::App& command =
      *app.add_subcommand("inspect", "Show what a config, checkpoint or ONNX file holds");
  command.allow_extras();
  ShowExamples(command,
               "  yoloport inspect model.pth         what it is, its classes and weights\n"
               "  yoloport inspect model.onnx        inputs, outputs, thresholds\n"
               "  yoloport inspect config.py         the whole config, bases merged\n");
  const auto arguments = std::make_shared<Arguments>();
  command
      .add_option("file", arguments->file,
                  "A config (.py), a checkpoint (.pth, .pt, .safetensors) or a model (.onnx)")
      ->required();
  command.add_flag("--json", arguments->json, "A checkpoint or model as JSON (a config always is)");
  command
      .add_option("--format", arguments->format,
                  "A config as json, or as python, which keeps tuples")
      ->check(CLI::IsMember({"json", "python"}))
      ->capture_default_str();
  command.add_option("--cfg-options", arguments->cfg_options, "Change the config: a.b=value ...");
  command.add_option("--package-path", arguments->packages,
                     "PACKAGE=FOLDER: where the configs of a package lie that _base_ reaches into");
  return [arguments] { Run(*arguments); };
}

}  // namespace yoloport::tool
