#include "models/backbone_stages.h"

#include <algorithm>
#include <string>

namespace yoloport::models {

std::vector<graph::Value> RunStages(const config::ConfigNode& config, const checkpoint::Weights& w,
                                    graph::Value image, std::size_t stages,
                                    const StemFunction& stem, const StageFunction& stage) {
  config.Ignore({"frozen_stages", "norm_eval", "init_cfg"});
  if (const auto plugins = config.Find("plugins"); plugins && !plugins->IsNone()) {
    plugins->Fail("plugins of a backbone are not supported");
  }
  const std::int64_t channels = config.Get("input_channels", std::int64_t{3});
  if (channels != image.dim(1)) {
    config["input_channels"].Fail("only images of " + std::to_string(image.dim(1)) +
                                  " channels are supported");
  }
  std::vector<std::int64_t> wanted = {2, 3, 4};
  if (const auto indices = config.Find("out_indices")) wanted = indices->AsInts();
  for (const std::int64_t index : wanted) {
    if (index < 0 || index > static_cast<std::int64_t>(stages)) {
      config["out_indices"].Fail("there are the stages 0 to " + std::to_string(stages) + " only");
    }
  }
  std::vector<graph::Value> outputs = {stem(w["stem"], image)};
  for (std::size_t i = 0; i < stages; ++i) {
    outputs.push_back(stage(w["stage" + std::to_string(i + 1)], outputs.back(), i));
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
