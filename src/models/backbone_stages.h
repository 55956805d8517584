// What the backbones share: a stem and stages, of which some are outputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"
#include "graph/graph.h"
#include "nn/style.h"

namespace yoloport::models {

// A stage of a CSP backbone as MMYOLO's tables state it, before widening and deepening.
struct CspStage {
  double in_channels, out_channels;
  std::int64_t num_blocks;
  bool add_identity, use_spp;
};

// The table that `arch` names, or the one that `arch_ovewrite` (so spelled) brings.
std::vector<CspStage> ReadCspArch(const config::ConfigNode& config, std::span<const CspStage> p5,
                                  std::span<const CspStage> p6);

// Widened by Python's int(channels * widen), deepened to max(1, round(blocks * deepen)).
std::vector<CspStage> Scaled(std::vector<CspStage> stages, double widen, double deepen);

// What a stage gives, and how many modules its Sequential has: plugins stand behind them.
struct Stage {
  graph::Value output;
  std::size_t modules;
};

using StemFunction = std::function<graph::Value(const checkpoint::Weights&, graph::Value)>;
// Builds stage `index` (0-based); `w` is the prefix `stageN`.
using StageFunction =
    std::function<Stage(const checkpoint::Weights& w, graph::Value x, std::size_t index)>;

// What the stages of a CSP backbone are made of.
struct CspStageSpec {
  bool depthwise_downsample = false;
  bool depthwise_blocks = false;
  std::vector<std::int64_t> spp_kernels = {5};
  double expand_ratio = 0.5;
  bool use_cspnext_block = false;
  bool channel_attention = false;
};

// A 3 x 3 convolution of stride 2, a spatial pyramid where the stage has one, and a CSP layer.
// `stage` is widened and deepened.
Stage BuildCspStage(const checkpoint::Weights& w, graph::Value x, const CspStage& stage,
                    const CspStageSpec& spec, const nn::Style& style);

// `out_indices`, or `defaults`: each must be one of the stages `first` to `last`.
std::vector<std::int64_t> ReadOutIndices(const config::ConfigNode& config,
                                         const std::vector<std::int64_t>& defaults,
                                         std::int64_t first, std::int64_t last);

// Numbers, one for each stage: `config[key]`, or `defaults`. From `lowest` to 1024.
std::vector<std::int64_t> ReadStageNumbers(const config::ConfigNode& config, std::string_view key,
                                           std::vector<std::int64_t> defaults, int lowest = 1);

// The channels of the image that the backbone takes, by the config's `key`, must be the image's.
void RequireImageChannels(const config::ConfigNode& config, std::string_view key,
                          graph::Value image);

// BaseBackbone: `stem`, `stage1` .. ; gives the outputs named by `out_indices` (0 is the stem).
// Reads the config's keys that all backbones share; `plugins` follow the stages that they name.
std::vector<graph::Value> RunStages(const config::ConfigNode& config, const checkpoint::Weights& w,
                                    graph::Value image, std::size_t stages,
                                    const StemFunction& stem, const StageFunction& stage);

}  // namespace yoloport::models
