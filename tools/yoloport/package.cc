// yoloport package: a folder that a model server takes as it is.
#include "yoloport/package.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "cli.h"
#include "commands.h"

namespace yoloport::tool {
namespace {

void Run(const PackageOptions& options, bool quiet) {
  const PackageReport report = Package(options);
  if (quiet) return;
  Print(fmt::format("{}\n  model     {}\n", Printable(report.folder.native()), report.name));
  for (std::size_t i = 0; i < report.files.size(); ++i) {
    Print(fmt::format("  {:<10}{}\n", i == 0 ? "files" : "", report.files[i].native()));
  }
  for (const std::string& note : report.notes) Print("note: " + Printable(note) + "\n");
}

}  // namespace

Action AddPackage(CLI::App& app) {
  CLI::App& command = *app.add_subcommand(
      "package", "Make a folder that a model server takes as it is, with a client script");
  command.allow_extras();
  ShowExamples(command, "  yoloport package model.onnx --target triton --output models\n");
  const auto options = std::make_shared<PackageOptions>();
  const auto quiet = std::make_shared<bool>(false);
  command.add_option("model", options->model, "An end-to-end file that yoloport export wrote")
      ->type_name("MODEL.onnx")
      ->required();
  command.add_option("--target", options->target, "The server")
      ->type_name(OneOf(PackageTargets()))
      ->required();
  command.add_option("--output", options->output, "The folder to make")
      ->type_name("DIR")
      ->required();
  command
      .add_option("--name", options->name,
                  "What the server calls the model; default: the file's name")
      ->type_name("NAME");
  command
      .add_option("--max-batch", options->max_batch,
                  "Images that the server may join, where the file takes any number")
      ->capture_default_str();
  command
      .add_option("--storage-uri", options->storage_uri,
                  "kserve: where the cluster finds the folder models; default: pvc://models")
      ->type_name("URI");
  command.add_flag("--quiet,-q", *quiet, "Print errors only");
  return [options, quiet] { Run(*options, *quiet); };
}

}  // namespace yoloport::tool
