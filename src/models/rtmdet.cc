// RTMDet: CSPNeXt with channel attention, PAFPN of CSPNeXt blocks, a head whose levels share
// convolutions but not their norms.
#include <array>

#include "base/text.h"
#include "graph/ops.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/pafpn.h"
#include "models/point_head.h"
#include "models/style_reading.h"
#include "nn/conv_module.h"
#include "nn/csp_layer.h"
#include "nn/spp.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using nn::ConvModule;
using nn::Style;

constexpr Style kStyle = {{nn::NormKind::kBatch, 1e-5}, {nn::ActivationKind::kSilu}};

constexpr std::array<CspStage, 4> kP5 = {{{64, 128, 3, true, false},
                                          {128, 256, 6, true, false},
                                          {256, 512, 6, true, false},
                                          {512, 1024, 3, false, true}}};
constexpr std::array<CspStage, 5> kP6 = {{{64, 128, 3, true, false},
                                          {128, 256, 6, true, false},
                                          {256, 512, 6, true, false},
                                          {512, 768, 3, true, false},
                                          {768, 1024, 3, false, true}}};

// `arch` names a table; `arch_ovewrite` (so spelled) brings its own.
std::vector<CspStage> ReadArch(const ConfigNode& config) {
  const std::string arch = config.Get("arch", std::string("P5"));
  if (const auto own = config.Find("arch_ovewrite"); own && !own->IsNone() && own->size() > 0) {
    std::vector<CspStage> settings;
    for (std::size_t i = 0; i < own->size(); ++i) {
      const ConfigNode row = (*own)[i];
      settings.push_back(
          {row[0].AsDouble(), row[1].AsDouble(), row[2].AsInt(), row[3].AsBool(), row[4].AsBool()});
    }
    return settings;
  }
  if (arch == "P5") return {kP5.begin(), kP5.end()};
  if (arch == "P6") return {kP6.begin(), kP6.end()};
  config["arch"].Fail("unknown arch " + base::Quote(arch), "known are P5 and P6");
}

Value Stem(const Weights& w, Value x, double base, const Style& style) {
  const auto full = static_cast<std::int64_t>(base);
  const auto half = static_cast<std::int64_t>(base) / 2;
  x = ConvModule(w[std::size_t{0}], x, {.out_channels = half, .kernel = 3, .stride = 2}, style);
  x = ConvModule(w[1], x, {.out_channels = half, .kernel = 3}, style);
  return ConvModule(w[2], x, {.out_channels = full, .kernel = 3}, style);
}

std::vector<Value> CspNext(const ConfigNode& config, const Weights& w, Value image) {
  const std::vector<CspStage> settings = ReadArch(config);
  const double widen = ReadFactor(config, "widen_factor");
  const double deepen = ReadFactor(config, "deepen_factor");
  const bool depthwise = config.Get("use_depthwise", false);
  const double expand_ratio = config.Get("expand_ratio", 0.5);
  const bool attention = config.Get("channel_attention", true);
  const Style style = ReadStyle(config, kStyle);
  RequireNoConvCfg(config);
  const auto stem = [&](const Weights& weights, Value x) {
    return Stem(weights, x, settings[0].in_channels * widen, style);
  };
  const auto stage = [&](const Weights& weights, Value x, std::size_t index) {
    const CspStage& setting = settings[index];
    const std::int64_t channels = Scaled(setting.out_channels, widen);
    const double blocks = static_cast<double>(setting.num_blocks) * deepen;
    std::size_t at = 0;
    x = nn::ConvOrDepthwise(depthwise, weights[at++], x,
                            {.out_channels = channels, .kernel = 3, .stride = 2}, style);
    if (setting.use_spp)
      x = nn::SppfBottleneck(weights[at++], x, {.out_channels = channels}, style);
    x = nn::CspLayer(weights[at++], x,
                     {.out_channels = channels,
                      .num_blocks = std::max<std::int64_t>(1, RoundHalfEven(blocks)),
                      .expand_ratio = expand_ratio,
                      .add_identity = setting.add_identity,
                      .use_depthwise = depthwise,
                      .use_cspnext_block = true,
                      .channel_attention = attention},
                     style);
    return Stage{x, at};
  };
  return RunStages(config, w, image, settings.size(), stem, stage);
}

std::vector<Value> CspNextPafpn(const ConfigNode& config, const Weights& w,
                                const std::vector<Value>& features) {
  const double widen = ReadFactor(config, "widen_factor");
  const bool depthwise = config.Get("use_depthwise", false);
  const double expand_ratio = config.Get("expand_ratio", 0.5);
  const Style style = ReadStyle(config, kStyle);
  const std::int64_t out_channels = Scaled(config["out_channels"].AsDouble(), widen);
  const auto blocks = static_cast<double>(config.Get("num_csp_blocks", std::int64_t{3}));
  const std::int64_t num_blocks = RoundHalfEven(blocks * ReadFactor(config, "deepen_factor"));
  std::vector<std::int64_t> channels;
  for (const std::int64_t count : config["in_channels"].AsInts()) {
    channels.push_back(Scaled(static_cast<double>(count), widen));
  }
  RequireLevels(config, channels.size(), features.size());
  config.Ignore({"freeze_all", "init_cfg"});
  RequireNoConvCfg(config);
  RequireNearestUpsampling(config);
  const auto csp = [&](const Weights& weights, Value x, std::int64_t out) {
    return nn::CspLayer(weights, x,
                        {.out_channels = out,
                         .num_blocks = num_blocks,
                         .expand_ratio = expand_ratio,
                         .add_identity = false,
                         .use_cspnext_block = true},
                        style);
  };
  const auto conv = [&](const Weights& weights, Value x, const nn::ConvModuleSpec& spec) {
    return nn::ConvOrDepthwise(depthwise, weights, x, spec, style);
  };
  const auto pointwise = [&](const Weights& weights, Value x, std::int64_t out) {
    return conv(weights, x, {.out_channels = out});
  };
  const auto downsample = [&](const Weights& weights, Value x, std::int64_t out) {
    return conv(weights, x, {.out_channels = out, .kernel = 3, .stride = 2});
  };
  PafpnLayers layers = CspPafpnLayers(channels, {csp, pointwise, downsample});
  layers.out = [&](const Weights& weights, Value x, std::size_t) {
    return conv(weights, x, {.out_channels = out_channels, .kernel = 3});
  };
  return Pafpn(w, features, layers);
}

// One branch of a level: stacked 3 x 3 ConvModules and the predicting convolution.
struct BranchSpec {
  std::int64_t feat_channels, stacked_convs, out_channels, pred_kernel_size;
};

Value Branch(const Weights& convs, const Weights& predict, Value x, const BranchSpec& spec,
             const Style& style) {
  for (std::int64_t i = 0; i < spec.stacked_convs; ++i) {
    x = ConvModule(convs[static_cast<std::size_t>(i)], x,
                   {.out_channels = spec.feat_channels, .kernel = 3}, style);
  }
  return nn::Conv2d(predict, x, spec.out_channels, spec.pred_kernel_size);
}

void RtmdetSepBnHeadModule(const ConfigNode& module, const Weights& w,
                           const std::vector<Value>& features,
                           const std::function<void(const PointLevel&)>& add) {
  // With share_conv the checkpoint holds the shared convolutions once for every level all the same.
  module.Ignore({"share_conv"});
  RequireNoConvCfg(module);
  const Style style = ReadStyle(module, kStyle);
  const double widen = ReadFactor(module, "widen_factor");
  const BranchSpec classes = {Scaled(module.Get("feat_channels", 256.0), widen),
                              module.Get("stacked_convs", std::int64_t{2}), ReadNumClasses(module),
                              module.Get("pred_kernel_size", std::int64_t{1})};
  BranchSpec boxes = classes;
  boxes.out_channels = 4;
  RequireChannels(
      module,
      std::vector<std::int64_t>(features.size(), Scaled(module["in_channels"].AsDouble(), widen)),
      features);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Value cls = Branch(w["cls_convs"][i], w["rtm_cls"][i], features[i], classes, style);
    const Value reg = Branch(w["reg_convs"][i], w["rtm_reg"][i], features[i], boxes, style);
    add({cls, reg, {}});
  }
}

graph::HeadOutput RtmdetHead(const ConfigNode& config, const Weights& w,
                             const std::vector<Value>& features, graph::HeadMode mode) {
  return PointHead(config, w, features, mode, {.type = "rtmdet", .prior_offset = 0});
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {{{"CSPNeXt", CspNext}}};
constexpr std::array<Component<NeckFunction>, 1> kNecks = {{{"CSPNeXtPAFPN", CspNextPafpn}}};
constexpr std::array<Component<HeadFunction>, 1> kHeads = {{{"RTMDetHead", RtmdetHead}}};
constexpr std::array<Component<PointModuleFunction>, 1> kModules = {
    {{"RTMDetSepBNHeadModule", RtmdetSepBnHeadModule}}};

}  // namespace

const Family kRtmdet = {kBackbones, kNecks, kHeads, kModules};

}  // namespace yoloport::models
