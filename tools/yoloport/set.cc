// yoloport set: other thresholds for a file that is there.
#include "yoloport/set.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "cli.h"
#include "commands.h"

namespace yoloport::tool {

namespace {

// "model.onnx: score threshold 0.25 -> 0.5".
void Run(const SetOptions& options, bool quiet) {
  const std::vector<ThresholdChange> changes = SetThresholds(options);
  const std::filesystem::path& output = options.output.empty() ? options.model : options.output;
  if (quiet || IsStdout(output)) return;
  std::string text;
  for (const ThresholdChange& change : changes) {
    std::string name = change.name;
    std::replace(name.begin(), name.end(), '_', ' ');
    text +=
        fmt::format("{}{} {} -> {}", text.empty() ? "" : ", ", name, change.before, change.after);
  }
  Print(fmt::format("{}: {}\n", Printable(output.native()), text));
}

}  // namespace

Action AddSet(CLI::App& app) {
  CLI::App& command =
      *app.add_subcommand("set", "Change the thresholds of an end-to-end ONNX file");
  command.allow_extras();
  ShowExamples(command,
               "  yoloport set model.onnx --score-threshold 0.4\n"
               "  yoloport set model.onnx --keep-topk 300 --output other.onnx\n");
  const auto options = std::make_shared<SetOptions>();
  const auto quiet = std::make_shared<bool>(false);
  command.add_option("model", options->model, "A file that yoloport export wrote, of any backend")
      ->type_name("MODEL")
      ->required();
  command.add_option("--score-threshold", options->score_threshold,
                     "Scores at or below are dropped");
  command.add_option("--iou-threshold", options->iou_threshold,
                     "Overlap above which the lesser box is dropped");
  command.add_option("--keep-topk", options->keep_topk,
                     "Detections per image that come out: rows of the outputs");
  command.add_option("--output", options->output, "Where to write; default: the file itself");
  command.add_flag("--quiet,-q", *quiet, "Print errors only");
  return [options, quiet] { Run(*options, *quiet); };
}

}  // namespace yoloport::tool
