// Plugins: blocks that a config puts into a backbone.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"
#include "graph/graph.h"

namespace yoloport::models {

struct Plugin {
  config::ConfigNode node;    // the entry of `plugins`
  config::ConfigNode config;  // its `cfg`
  std::vector<bool> stages;   // which stages have it
};

// `plugins` of a backbone of so many stages.
std::vector<Plugin> ReadPlugins(const config::ConfigNode& backbone, std::size_t stages);

// The block that `config` names by its `type`, on x. Throws ConfigError for one that is not known.
graph::Value BuildPlugin(const config::ConfigNode& config, const checkpoint::Weights& w,
                         graph::Value x);

// What a plugin is called within a block of mmdet's ResNet: `cbam`, `context_block`.
std::string PluginName(const config::ConfigNode& config);

}  // namespace yoloport::models
