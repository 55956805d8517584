// What all sources have in common whose detectors were trained with MMEngine: a config, and a
// checkpoint that may carry it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "config/config.h"
#include "sources/mmengine/nested_detector.h"
#include "sources/model_source.h"
#include "yoloport/export.h"

namespace yoloport::sources::mmengine {

struct TrainedDetector {
  config::Config config;
  DetectorConfig detector;
  checkpoint::Checkpoint checkpoint;
};

// Reads the config of `options`, or where it gives none the one in `checkpoint`. What the user
// should know at once is added to `notes`. Throws FileError, ConfigError, UsageError (overrides),
// and CheckpointError where there is no config.
TrainedDetector ReadTrained(const ExportOptions& options, const checkpoint::Checkpoint& checkpoint,
                            std::vector<std::string>& notes);

// The config in `checkpoint`, which must carry one.
config::Config ConfigInside(const checkpoint::Checkpoint& checkpoint,
                            const config::ConfigOptions& options = {});

// A source but for its network and its thresholds.
class ConfigSource : public ModelSource {
 public:
  // `framework`: whose inference notes compare with, "MMYOLO".
  ConfigSource(std::string framework, TrainedDetector trained)
      : framework_(std::move(framework)), trained_(std::move(trained)) {}

  std::string Detector() const override;
  std::vector<std::filesystem::path> Files() const override;
  std::optional<InputSize> TestSize(bool is_dynamic) const override;
  PreprocessReport PreprocessFor(const ExportedInput& input) const override;
  std::vector<std::string> ClassNames(std::size_t count) const override;
  std::vector<std::array<int, 3>> Palette(std::size_t classes,
                                          std::vector<std::string>& notes) const override;

 protected:
  const config::ConfigNode& model() const { return trained_.detector.model; }

 private:
  std::string framework_;
  TrainedDetector trained_;
};

}  // namespace yoloport::sources::mmengine
