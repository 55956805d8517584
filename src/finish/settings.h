// What a finished file needs to know beside its network: of the head, the images and the classes.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "contract/raw_head.h"
#include "export/plan.h"
#include "yoloport/finish.h"
#include "yoloport/types.h"

namespace yoloport::finish {

struct Settings {
  contract::RawHeadInfo head;
  std::vector<int>
      bins;  // of a side's distribution, as raw outputs may have it: the first that fits
  std::string detector;  // the components, for people
  Preprocess preprocess;
  bool multi_label = true;
  std::vector<std::string> classes;  // as many as are stated
  std::vector<std::array<int, 3>> palette;
  std::optional<contract::SourceFile> config;  // that a file of yoloport's was made with
  std::vector<std::filesystem::path> files;    // that were read
};

// `file` is a copy of `options.file` for the file that is written. Each of these fills in its
// height and width where nothing says which are usual.

// From `options.file.config`; sets the thresholds of `file` where it says that the config's count.
// Throws FileError, ConfigError and UsageError.
Settings SettingsFromConfig(const FinishOptions& options, ExportOptions& file,
                            exporting::Notes& notes);

// From what yoloport wrote into the file that is finished, `name` in quotes. Throws UsageError
// where the description contradicts it.
Settings SettingsFromCard(const FinishOptions& options, const contract::ModelCard& card,
                          const std::string& name, ExportOptions& file);

// From `options.description`, whose type is known.
Settings SettingsFromType(const FinishOptions& options, ExportOptions& file);

}  // namespace yoloport::finish
