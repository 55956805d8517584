// What the backbones share: a stem and stages, of which some are outputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"
#include "graph/graph.h"

namespace yoloport::models {

// A stage of a CSP backbone as MMYOLO's tables state it, before widening and deepening.
struct CspStage {
  double in_channels, out_channels;
  std::int64_t num_blocks;
  bool add_identity, use_spp;
};

// What a stage gives, and how many modules its Sequential has: plugins stand behind them.
struct Stage {
  graph::Value output;
  std::size_t modules;
};

using StemFunction = std::function<graph::Value(const checkpoint::Weights&, graph::Value)>;
// Builds stage `index` (0-based); `w` is the prefix `stageN`.
using StageFunction =
    std::function<Stage(const checkpoint::Weights& w, graph::Value x, std::size_t index)>;

// `out_indices`, or `defaults`: each must be one of the stages `first` to `last`.
std::vector<std::int64_t> ReadOutIndices(const config::ConfigNode& config,
                                         const std::vector<std::int64_t>& defaults,
                                         std::int64_t first, std::int64_t last);

// The channels of the image that the backbone takes, by the config's `key`, must be the image's.
void RequireImageChannels(const config::ConfigNode& config, std::string_view key,
                          graph::Value image);

// BaseBackbone: `stem`, `stage1` .. ; gives the outputs named by `out_indices` (0 is the stem).
// Reads the config's keys that all backbones share; `plugins` follow the stages that they name.
std::vector<graph::Value> RunStages(const config::ConfigNode& config, const checkpoint::Weights& w,
                                    graph::Value image, std::size_t stages,
                                    const StemFunction& stem, const StageFunction& stage);

}  // namespace yoloport::models
