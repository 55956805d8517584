// Where a config describes the data that its network is tested on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace yoloport::sources::mmengine {

// `key` of the config's test dataset: of `test_dataloader.dataset` or, as a dataset may wrap
// others, of the outermost `dataset` or `datasets[0]` in it that has the key. Of a list of loaders
// the first counts.
std::optional<config::ConfigNode> FindInTestDataset(const config::ConfigNode& root,
                                                    std::string_view key);

// The types of the test dataset and of those that it wraps, without scope, the outermost first.
std::vector<std::string> TestDatasetTypes(const config::ConfigNode& root);

// A line for each `datasets` in it of which more than the first are left out.
std::vector<std::string> TestDatasetNotes(const config::ConfigNode& root);

}  // namespace yoloport::sources::mmengine
