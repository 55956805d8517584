// yoloport set: other thresholds for a file that is there.
#include "yoloport/set.h"

#include <memory>

#include "cli.h"
#include "commands.h"

namespace yoloport::tool {

Action AddSet(CLI::App& app) {
  CLI::App& command =
      *app.add_subcommand("set", "Change the thresholds of an end-to-end ONNX file");
  command.allow_extras();
  const auto options = std::make_shared<SetOptions>();
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
  return [options] { SetThresholds(*options); };
}

}  // namespace yoloport::tool
