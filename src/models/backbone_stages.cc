#include "models/backbone_stages.h"

#include <algorithm>
#include <string>

#include "base/text.h"
#include "models/config_reading.h"
#include "models/plugins.h"
#include "nn/conv_module.h"
#include "nn/csp_layer.h"
#include "nn/spp.h"

namespace yoloport::models {

std::vector<CspStage> ReadCspArch(const config::ConfigNode& config, std::span<const CspStage> p5,
                                  std::span<const CspStage> p6) {
  const std::string arch = config.Get("arch", std::string("P5"));
  if (const auto own = config.Find("arch_ovewrite"); own && !own->IsNone() && own->size() > 0) {
    std::vector<CspStage> settings;
    for (std::size_t i = 0; i < own->size(); ++i) {
      const config::ConfigNode row = (*own)[i];
      settings.push_back(
          {row[0].AsDouble(), row[1].AsDouble(), row[2].AsInt(), row[3].AsBool(), row[4].AsBool()});
    }
    return settings;
  }
  if (arch == "P5") return {p5.begin(), p5.end()};
  if (arch == "P6") return {p6.begin(), p6.end()};
  config["arch"].Fail("unknown arch " + base::Quote(arch), "known are P5 and P6");
}

std::vector<CspStage> Scaled(std::vector<CspStage> stages, double widen, double deepen) {
  for (CspStage& stage : stages) {
    stage.in_channels = static_cast<double>(Scaled(stage.in_channels, widen));
    stage.out_channels = static_cast<double>(Scaled(stage.out_channels, widen));
    const double blocks = static_cast<double>(stage.num_blocks) * deepen;
    stage.num_blocks = std::max<std::int64_t>(1, RoundHalfEven(blocks));
  }
  return stages;
}

Stage BuildCspStage(const checkpoint::Weights& w, graph::Value x, const CspStage& stage,
                    const CspStageSpec& spec, const nn::Style& style) {
  const auto channels = static_cast<std::int64_t>(stage.out_channels);
  std::size_t at = 0;
  x = nn::ConvOrDepthwise(spec.depthwise_downsample, w[at++], x,
                          {.out_channels = channels, .kernel = 3, .stride = 2}, style);
  if (stage.use_spp) {
    x = nn::SppfBottleneck(w[at++], x, {.out_channels = channels, .kernel_sizes = spec.spp_kernels},
                           style);
  }
  x = nn::CspLayer(w[at++], x,
                   {.out_channels = channels,
                    .num_blocks = stage.num_blocks,
                    .expand_ratio = spec.expand_ratio,
                    .add_identity = stage.add_identity,
                    .use_depthwise = spec.depthwise_blocks,
                    .use_cspnext_block = spec.use_cspnext_block,
                    .channel_attention = spec.channel_attention},
                   style);
  return Stage{x, at};
}

std::vector<std::int64_t> ReadOutIndices(const config::ConfigNode& config,
                                         const std::vector<std::int64_t>& defaults,
                                         std::int64_t first, std::int64_t last) {
  const auto indices = config.Find("out_indices");
  if (!indices || indices->IsNone()) return defaults;
  const std::vector<std::int64_t> wanted = indices->AsInts();
  for (const std::int64_t index : wanted) {
    if (index >= first && index <= last) continue;
    indices->Fail("there are the stages " + std::to_string(first) + " to " + std::to_string(last) +
                  " only");
  }
  return wanted;
}

std::vector<std::int64_t> ReadStageNumbers(const config::ConfigNode& config, std::string_view key,
                                           std::vector<std::int64_t> defaults, int lowest) {
  const base::Range range = {static_cast<double>(lowest), 1 << 10};
  const auto list = config.Find(key);
  if (!list) return defaults;
  for (std::size_t i = 0; i < list->size(); ++i) NumberIn((*list)[i], range);
  return list->AsInts();
}

void RequireImageChannels(const config::ConfigNode& config, std::string_view key,
                          graph::Value image) {
  const std::int64_t channels = config.Get(key, std::int64_t{3});
  if (channels == image.dim(1)) return;
  config.Fail("the network takes images of " + std::to_string(channels) +
                  " channels, and the test pipeline gives " + std::to_string(image.dim(1)),
              "LoadImageFromFile reads one channel with color_type='grayscale', else three; other "
              "numbers are not supported");
}

std::vector<graph::Value> RunStages(const config::ConfigNode& config, const checkpoint::Weights& w,
                                    graph::Value image, std::size_t stages,
                                    const StemFunction& stem, const StageFunction& stage) {
  config.Ignore({"frozen_stages", "norm_eval", "init_cfg"});
  const std::vector<Plugin> plugins = ReadPlugins(config, stages);
  RequireImageChannels(config, "input_channels", image);
  const std::vector<std::int64_t> wanted =
      ReadOutIndices(config, {2, 3, 4}, 0, static_cast<std::int64_t>(stages));
  std::vector<graph::Value> outputs = {stem(w["stem"], image)};
  for (std::size_t i = 0; i < stages; ++i) {
    const checkpoint::Weights weights = w["stage" + std::to_string(i + 1)];
    auto [x, at] = stage(weights, outputs.back(), i);
    for (const Plugin& plugin : plugins) {
      if (plugin.stages[i]) x = BuildPlugin(plugin.config, weights[at++], x);
    }
    outputs.push_back(x);
  }
  std::vector<graph::Value> features;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    if (std::find(wanted.begin(), wanted.end(), index) != wanted.end())
      features.push_back(outputs[i]);
  }
  return features;
}

}  // namespace yoloport::models
