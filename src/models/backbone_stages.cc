#include "models/backbone_stages.h"

#include <algorithm>
#include <string>

#include "models/plugins.h"

namespace yoloport::models {

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
