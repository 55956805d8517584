#include "sources/mmengine/config_source.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "checkpoint/known_layouts.h"
#include "checkpoint/other_networks.h"
#include "models/config_reading.h"
#include "models/model.h"
#include "sources/mmengine/class_names.h"
#include "sources/mmengine/preprocess.h"
#include "yoloport/error.h"

namespace yoloport::sources::mmengine {
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

Config LoadConfig(const ExportOptions& options, const ConfigOptions& config_options,
                  const Checkpoint& checkpoint) {
  if (!options.config.empty()) return LoadFile(options, config_options, checkpoint);
  if (checkpoint.meta().config_text.empty()) {
    const std::string other = checkpoint::NameOfOtherNetwork(checkpoint.tensors());
    if (!other.empty()) {
      throw CheckpointError(base::Quote(options.checkpoint.native()) + ": holds " + other +
                                ", which is not supported",
                            "docs/sources.md lists the networks that are");
    }
    const std::string whole = checkpoint::DescribeWholeNetworks(checkpoint.tensors());
    throw CheckpointError(
        base::Quote(options.checkpoint.native()) + ": carries no config",
        whole.empty() ? "give the training config: yoloport export CONFIG CHECKPOINT" : whole);
  }
  return ConfigInside(checkpoint, config_options);
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

}  // namespace

Config ConfigInside(const Checkpoint& checkpoint, const ConfigOptions& options) {
  return Config::FromText(checkpoint.meta().config_text, checkpoint.path().native() + ":meta.cfg",
                          options);
}

TrainedDetector ReadTrained(const ExportOptions& options, const Checkpoint& checkpoint,
                            std::vector<std::string>& notes) {
  const ConfigOptions config_options = ReadingOptions(options);
  const Config config = LoadConfig(options, config_options, checkpoint);
  NoteMergedBlocks(checkpoint, notes);
  notes.insert(notes.end(), config.notes().begin(), config.notes().end());
  DetectorConfig detector = FindDetector(config.root()["model"], config_options, notes);
  return {config, std::move(detector), checkpoint};
}

std::string ConfigSource::Detector() const {
  const auto type = [](const ConfigNode& part) {
    return models::WithoutScope(part["type"].AsString());
  };
  std::string text = type(model()["backbone"]);
  for (const ConfigNode& neck : models::Necks(model()).configs) text += ", " + type(neck);
  return text + ", " + type(model()["bbox_head"]);
}

// A student's config is one of its own.
std::vector<std::filesystem::path> ConfigSource::Files() const {
  std::vector<std::filesystem::path> files = trained_.config.files();
  const auto of_model = model().files();
  files.insert(files.end(), of_model.begin(), of_model.end());
  return files;
}

std::optional<InputSize> ConfigSource::TestSize(bool is_dynamic) const {
  return mmengine::TestSize(trained_.config.root(), trained_.detector.preprocessed, LargestStride(),
                            is_dynamic);
}

PreprocessReport ConfigSource::PreprocessFor(const ExportedInput& input) const {
  return ReadPreprocess(framework_, trained_.config.root(), trained_.detector.preprocessed, input);
}

std::vector<std::string> ConfigSource::ClassNames(std::size_t count) const {
  return NamesOfClasses(trained_.config.root(), trained_.checkpoint.meta(), count);
}

std::vector<std::array<int, 3>> ConfigSource::Palette(std::size_t classes,
                                                      std::vector<std::string>& notes) const {
  return ClassPalette(trained_.config.root(), trained_.checkpoint.meta(), classes, notes);
}

}  // namespace yoloport::sources::mmengine
