#include "sources/mmdet/layers.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>

#include "base/text.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/pafpn.h"
#include "models/rtmdet.h"
#include "models/style_reading.h"
#include "models/yolox.h"
#include "nn/focus.h"

namespace yoloport::sources::mmdet {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using models::CspStage;
using models::kYoloStyle;  // BN with eps 0.001 and SiLU, which are MMDetection's defaults, too

constexpr std::array<CspStage, 4> kDarknetP5 = {{{64, 128, 3, true, false},
                                                 {128, 256, 9, true, false},
                                                 {256, 512, 9, true, false},
                                                 {512, 1024, 3, false, true}}};
constexpr std::array<CspStage, 5> kDarknetP6 = {{{64, 128, 3, true, false},
                                                 {128, 256, 9, true, false},
                                                 {256, 512, 9, true, false},
                                                 {512, 768, 3, true, false},
                                                 {768, 1024, 3, false, true}}};

std::vector<std::int64_t> ReadKernels(const ConfigNode& config, const char* key) {
  std::vector<std::int64_t> kernels = models::ReadSppKernels(config, key);
  // MMYOLO's SPPF, which one size stands for in nn::SppSpec, is not known to MMDetection.
  if (kernels.size() == 1) config[key].Fail("needs two sizes at least");
  return kernels;
}

// What a PAFPN of `levels` calls the layers that models::Pafpn() asks for.
std::map<std::string, std::string> PafpnPaths(const std::string& neck, std::size_t levels) {
  std::map<std::string, std::string> paths = {
      {neck + ".downsample_layers", neck + ".downsamples"},
      {neck + ".bottom_up_layers", neck + ".bottom_up_blocks"},
      {neck + ".out_layers", neck + ".out_convs"}};
  const auto number = [](std::size_t i) { return "." + std::to_string(i); };
  const std::string reduce = neck + ".reduce_layers";
  const std::string down = neck + ".top_down_layers";
  paths[reduce + number(levels - 1)] = reduce + number(0);
  for (std::size_t at = 0; at + 1 < levels; ++at) {
    const bool is_last = at + 2 == levels;  // the others are a block and a reduction
    paths[down + number(at) + (is_last ? "" : ".0")] = neck + ".top_down_blocks" + number(at);
    if (!is_last) paths[down + number(at) + ".1"] = reduce + number(at + 1);
  }
  return paths;
}

std::vector<Value> BuildPafpn(const ConfigNode& config, const Weights& w,
                              const std::vector<Value>& features, models::CspPafpnSpec spec) {
  RefuseMmyoloKeys(config, {"widen_factor", "deepen_factor", "freeze_all"});
  config.Ignore({"init_cfg"});
  models::RequireNoConvCfg(config);
  models::RequireNearestUpsampling(config);
  spec.channels = config["in_channels"].AsInts();
  if (spec.channels.size() < 2) config["in_channels"].Fail("needs two levels at least");
  models::RequireLevels(config, spec.channels.size(), features.size());
  models::RequireChannels(config, spec.channels, features);
  spec.out_channels = config["out_channels"].AsInt();
  spec.num_blocks = config.Get("num_csp_blocks", std::int64_t{3});
  spec.depthwise_blocks = spec.depthwise_downsample = config.Get("use_depthwise", false);
  return models::CspPafpn(w.Renamed(PafpnPaths(w.prefix(), spec.channels.size())), features, spec,
                          models::ReadStyle(config, kYoloStyle));
}

}  // namespace

void RefuseMmyoloKeys(const ConfigNode& config, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    if (!config.Has(key)) continue;
    config[key].Fail("is an argument of MMYOLO's component of that name, not of MMDetection's",
                     "state the widths and numbers of blocks themselves");
  }
}

std::vector<Value> CspNext(const ConfigNode& config, const Weights& w, Value image) {
  RefuseMmyoloKeys(config, {"plugins", "input_channels"});
  return models::CspNext(config, w, image, {kYoloStyle, ReadKernels(config, "spp_kernel_sizes")});
}

std::vector<Value> CspDarknet(const ConfigNode& config, const Weights& w, Value image) {
  RefuseMmyoloKeys(config, {"plugins", "input_channels"});
  models::RequireNoConvCfg(config);
  const std::vector<CspStage> stages = models::Scaled(
      models::ReadCspArch(config, kDarknetP5, kDarknetP6),
      models::ReadFactor(config, "widen_factor"), models::ReadFactor(config, "deepen_factor"));
  const bool depthwise = config.Get("use_depthwise", false);
  const models::CspStageSpec spec = {.depthwise_downsample = depthwise,
                                     .depthwise_blocks = depthwise,
                                     .spp_kernels = ReadKernels(config, "spp_kernal_sizes")};
  const nn::Style style = models::ReadStyle(config, kYoloStyle);
  const auto stem = [&](const Weights& weights, Value x) {
    const auto channels = static_cast<std::int64_t>(stages[0].in_channels);
    return nn::Focus(weights, x, {.out_channels = channels, .kernel = 3}, style);
  };
  const auto stage = [&](const Weights& weights, Value x, std::size_t index) {
    return models::BuildCspStage(weights, x, stages[index], spec, style);
  };
  return models::RunStages(config, w, image, stages.size(), stem, stage);
}

std::vector<Value> CspNextPafpn(const ConfigNode& config, const Weights& w,
                                const std::vector<Value>& features) {
  return BuildPafpn(config, w, features,
                    {.out_kernel = 3,
                     .expand_ratio = config.Get("expand_ratio", 0.5),
                     .use_cspnext_block = true,
                     .depthwise_out = config.Get("use_depthwise", false)});
}

std::vector<Value> YoloxPafpn(const ConfigNode& config, const Weights& w,
                              const std::vector<Value>& features) {
  return BuildPafpn(config, w, features, {});
}

}  // namespace yoloport::sources::mmdet
