#include "sources/mmyolo/mmyolo.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "config/config.h"
#include "models/config_reading.h"
#include "models/model.h"
#include "sources/mmyolo/class_names.h"
#include "sources/mmyolo/preprocess.h"
#include "sources/mmyolo/student.h"
#include "sources/mmyolo/thresholds.h"
#include "yoloport/error.h"

namespace yoloport::sources::mmyolo {
namespace {

using checkpoint::Checkpoint;
using config::Config;
using config::ConfigNode;
using config::ConfigOptions;

ConfigOptions ReadingOptions(const ExportOptions& options) {
  ConfigOptions config_options;
  config_options.overrides = options.cfg_options;
  config_options.packages = options.packages;
  return config_options;
}

// Where a base is missing, the checkpoint's own config may do: it has no bases.
Config LoadFile(const ExportOptions& options, const ConfigOptions& config_options,
                const Checkpoint& checkpoint) {
  try {
    return Config::Load(options.config, config_options);
  } catch (const config::MissingBase& missing) {
    if (checkpoint.meta().config_text.empty()) throw;
    throw ConfigError(missing.message(),
                      "the checkpoint carries the whole config: leave the config file out");
  }
}

Config LoadConfig(const ExportOptions& options, const Checkpoint& checkpoint) {
  const ConfigOptions config_options = ReadingOptions(options);
  if (!options.config.empty()) return LoadFile(options, config_options, checkpoint);
  if (checkpoint.meta().config_text.empty()) {
    throw CheckpointError(base::Quote(options.checkpoint.native()) + ": carries no config",
                          "give the training config: yoloport export CONFIG CHECKPOINT");
  }
  return Config::FromText(checkpoint.meta().config_text, options.checkpoint.native() + ":meta.cfg",
                          config_options);
}

// Their weights are what the branches would be merged to, so nothing else is to be done.
void NoteMergedBlocks(const Checkpoint& checkpoint, std::vector<std::string>& notes) {
  const auto merged =
      std::count_if(checkpoint.tensors().begin(), checkpoint.tensors().end(),
                    [](const auto& tensor) { return tensor.key.ends_with(".rbr_reparam.weight"); });
  if (merged == 0) return;
  notes.push_back(fmt::format(
      "the checkpoint was saved after switch_to_deploy: the branches of {} RepVGG blocks are "
      "merged already (rbr_reparam) and are taken as they are",
      merged));
}

class Mmyolo : public ModelSource {
 public:
  Mmyolo(const Config& config, ConfigNode model, Checkpoint checkpoint)
      : config_(config),
        root_(config.root()),
        model_(std::move(model)),
        checkpoint_(std::move(checkpoint)) {}

  std::string Detector() const override {
    const auto type = [](const ConfigNode& part) {
      return models::WithoutScope(part["type"].AsString());
    };
    std::string text = type(model_["backbone"]);
    for (const ConfigNode& neck : models::Necks(model_).configs) text += ", " + type(neck);
    return text + ", " + type(model_["bbox_head"]);
  }
  int LargestStride() const override { return static_cast<int>(models::LargestStride(model_)); }
  // A student's config is one of its own.
  std::vector<std::filesystem::path> Files() const override {
    std::vector<std::filesystem::path> files = config_.files();
    const auto of_model = model_.files();
    files.insert(files.end(), of_model.begin(), of_model.end());
    return files;
  }

  std::optional<InputSize> TestSize(bool is_dynamic) const override {
    return mmyolo::TestSize(root_, model_, LargestStride(), is_dynamic);
  }
  std::vector<std::string> TakeThresholds(ExportOptions& options,
                                          bool& multi_label) const override {
    return ApplyTestCfg(model_["test_cfg"], options, multi_label);
  }
  PreprocessReport PreprocessFor(const ExportedInput& input) const override {
    return ReadPreprocess(root_, model_, input);
  }
  graph::HeadOutput Build(const checkpoint::Weights& weights, graph::Value image,
                          graph::HeadMode mode) const override {
    return models::BuildDetector(model_, DetectorWeights(weights), image, mode);
  }

  std::vector<std::string> ClassNames(std::size_t count) const override {
    return NamesOfClasses(root_, checkpoint_.meta(), count);
  }
  std::vector<std::array<int, 3>> Palette(std::size_t classes,
                                          std::vector<std::string>& notes) const override {
    return ClassPalette(root_, checkpoint_.meta(), classes, notes);
  }

 private:
  Config config_;
  ConfigNode root_;
  ConfigNode model_;  // of the detector
  Checkpoint checkpoint_;
};

}  // namespace

std::unique_ptr<ModelSource> OpenMmyolo(const ExportOptions& options, const Checkpoint& checkpoint,
                                        std::vector<std::string>& notes) {
  const Config config = LoadConfig(options, checkpoint);
  NoteMergedBlocks(checkpoint, notes);
  notes.insert(notes.end(), config.notes().begin(), config.notes().end());
  ConfigNode model = DetectorConfig(config.root()["model"], ReadingOptions(options), notes);
  return std::make_unique<Mmyolo>(config, std::move(model), checkpoint);
}

}  // namespace yoloport::sources::mmyolo
