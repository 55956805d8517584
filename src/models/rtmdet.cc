// RTMDet: CSPNeXt with channel attention, PAFPN of CSPNeXt blocks, a head whose levels share
// convolutions but not their norms.
#include "models/rtmdet.h"

#include <array>

#include "graph/ops.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/pafpn.h"
#include "models/point_head.h"
#include "models/style_reading.h"
#include "nn/conv_module.h"

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

Value CspNextStem(const Weights& w, Value x, std::int64_t channels, const Style& style) {
  const std::int64_t half = channels / 2;
  x = ConvModule(w[std::size_t{0}], x, {.out_channels = half, .kernel = 3, .stride = 2}, style);
  x = ConvModule(w[1], x, {.out_channels = half, .kernel = 3}, style);
  return ConvModule(w[2], x, {.out_channels = channels, .kernel = 3}, style);
}

std::vector<Value> CspNextOfMmyolo(const ConfigNode& config, const Weights& w, Value image) {
  return CspNext(config, w, image, {kStyle, {5}});
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
  return CspPafpn(w, features,
                  {.channels = channels,
                   .out_channels = out_channels,
                   .out_kernel = 3,
                   .num_blocks = num_blocks,
                   .expand_ratio = expand_ratio,
                   .use_cspnext_block = true,
                   .depthwise_reduce = depthwise,
                   .depthwise_downsample = depthwise,
                   .depthwise_out = depthwise},
                  style);
}

// One branch of a level: stacked 3 x 3 ConvModules.
Value Stacked(const Weights& convs, Value x, const RtmdetLevelsSpec& spec, const Style& style) {
  for (std::int64_t i = 0; i < spec.stacked_convs; ++i) {
    x = nn::ConvOrDepthwise(spec.use_depthwise, convs[static_cast<std::size_t>(i)], x,
                            {.out_channels = spec.feat_channels, .kernel = 3}, style);
  }
  return x;
}

// The logit of the geometric mean m of two sigmoids, as far from 0 and 1 as mmdet's
// inverse_sigmoid(). By t = -log(m), since neither m near 0 nor 1 - m near 0 is precise otherwise:
// runtimes approximate a sigmoid. 1 - exp(-t) = 2 * tanh(t / 2) / (1 + tanh(t / 2)).
Value MeanLogit(Value a, Value b) {
  const graph::NameScope scope(a.graph(), a.name());
  const auto at_least = [](Value x) { return graph::Max(x, graph::ScalarLike(x, 1e-5)); };
  const Value minus_log_a = graph::Softplus(a * -1.0);
  const Value minus_log_b = graph::Softplus(b * -1.0);
  const Value t = (minus_log_a + minus_log_b) * 0.5;
  const Value mean = graph::Exp(t * -1.0);
  const Value tanh = graph::Tanh(t * 0.5);
  const Value rest = tanh * 2.0 / (tanh + 1.0);
  return graph::Log(at_least(mean) / at_least(rest));
}

void RtmdetSepBnHeadModule(const ConfigNode& module, const Weights& w,
                           const std::vector<Value>& features,
                           const std::function<void(const PointLevel&)>& add) {
  // With share_conv the checkpoint holds the shared convolutions once for every level all the same.
  module.Ignore({"share_conv"});
  RequireNoConvCfg(module);
  const double widen = ReadFactor(module, "widen_factor");
  const RtmdetLevelsSpec spec = {
      .num_classes = ReadNumClasses(module),
      .feat_channels = Scaled(module.Get("feat_channels", 256.0), widen),
      .stacked_convs = module.Get("stacked_convs", std::int64_t{2}),
      .pred_kernel_size = module.Get("pred_kernel_size", std::int64_t{1})};
  RequireChannels(
      module,
      std::vector<std::int64_t>(features.size(), Scaled(module["in_channels"].AsDouble(), widen)),
      features);
  RtmdetLevels(w, features, spec, ReadStyle(module, kStyle), add);
}

graph::HeadOutput RtmdetHead(const ConfigNode& config, const Weights& w,
                             const std::vector<Value>& features, graph::HeadMode mode) {
  return PointHead(config, w, features, mode, {.type = "rtmdet", .prior_offset = 0});
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {{{"CSPNeXt", CspNextOfMmyolo}}};
constexpr std::array<Component<NeckFunction>, 1> kNecks = {{{"CSPNeXtPAFPN", CspNextPafpn}}};
constexpr std::array<Component<HeadFunction>, 1> kHeads = {{{"RTMDetHead", RtmdetHead}}};
constexpr std::array<Component<PointModuleFunction>, 1> kModules = {
    {{"RTMDetSepBNHeadModule", RtmdetSepBnHeadModule}}};

}  // namespace

std::vector<Value> CspNext(const ConfigNode& config, const Weights& w, Value image,
                           const CspNextDefaults& defaults) {
  const std::vector<CspStage> stages =
      Scaled(ReadCspArch(config, kP5, kP6), ReadFactor(config, "widen_factor"),
             ReadFactor(config, "deepen_factor"));
  const bool depthwise = config.Get("use_depthwise", false);
  const CspStageSpec spec = {.depthwise_downsample = depthwise,
                             .depthwise_blocks = depthwise,
                             .spp_kernels = defaults.spp_kernels,
                             .expand_ratio = config.Get("expand_ratio", 0.5),
                             .use_cspnext_block = true,
                             .channel_attention = config.Get("channel_attention", true)};
  const Style style = ReadStyle(config, defaults.style);
  RequireNoConvCfg(config);
  const auto stem = [&](const Weights& weights, Value x) {
    return CspNextStem(weights, x, static_cast<std::int64_t>(stages[0].in_channels), style);
  };
  const auto stage = [&](const Weights& weights, Value x, std::size_t index) {
    return BuildCspStage(weights, x, stages[index], spec, style);
  };
  return RunStages(config, w, image, stages.size(), stem, stage);
}

void RtmdetLevels(const Weights& w, const std::vector<Value>& features,
                  const RtmdetLevelsSpec& spec, const Style& style,
                  const std::function<void(const PointLevel&)>& add) {
  const auto of_level = [&](const char* name, std::size_t level) {
    return spec.is_shared ? w[name] : w[name][level];
  };
  const auto predict = [&](const char* name, std::size_t level, Value x, std::int64_t channels) {
    return nn::Conv2d(of_level(name, level), x, channels, spec.pred_kernel_size);
  };
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Value cls = Stacked(of_level("cls_convs", i), features[i], spec, style);
    Value classes = predict("rtm_cls", i, cls, spec.num_classes);
    const Value reg = Stacked(of_level("reg_convs", i), features[i], spec, style);
    if (spec.with_objectness) classes = MeanLogit(classes, predict("rtm_obj", i, reg, 1));
    Value boxes = predict("rtm_reg", i, reg, 4);
    if (spec.exp_on_reg) boxes = graph::Exp(boxes);
    if (spec.has_scales) {
      const tensor::Tensor scale = w["scales"][i].Take("scale", {});
      boxes = boxes * static_cast<double>(scale.values<float>()[0]);
    }
    add({classes, boxes, {}});
  }
}

const Family kRtmdet = {kBackbones, kNecks, kHeads, kModules};

}  // namespace yoloport::models
