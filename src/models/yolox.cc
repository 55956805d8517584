// YOLOX: CSP-Darknet behind a Focus stem, PAFPN of CSP layers, a decoupled head with objectness.
#include "models/yolox.h"

#include <array>

#include "base/text.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/pafpn.h"
#include "models/point_head.h"
#include "models/style_reading.h"
#include "nn/conv_module.h"
#include "nn/focus.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using nn::Conv2d;
using nn::Style;

constexpr std::array<CspStage, 4> kP5 = {{{64, 128, 3, true, false},
                                          {128, 256, 9, true, false},
                                          {256, 512, 9, true, false},
                                          {512, 1024, 3, false, true}}};

std::vector<Value> YoloxCspDarknet(const ConfigNode& config, const Weights& w, Value image) {
  const std::string arch = config.Get("arch", std::string("P5"));
  if (arch != "P5") config["arch"].Fail("unknown arch " + base::Quote(arch), "known is P5");
  const double widen = ReadFactor(config, "widen_factor");
  const double deepen = ReadFactor(config, "deepen_factor");
  const CspStageSpec spec = {.depthwise_downsample = config.Get("use_depthwise", false),
                             .spp_kernels = ReadSppKernels(config, "spp_kernal_sizes")};
  const Style style = ReadStyle(config, kYoloStyle);
  const auto stem = [&](const Weights& weights, Value x) {
    const std::int64_t channels = MakeDivisible(kP5[0].in_channels, widen);
    return nn::Focus(weights, x, {.out_channels = channels, .kernel = 3}, style);
  };
  const auto stage = [&](const Weights& weights, Value x, std::size_t index) {
    CspStage made = kP5[index];
    made.out_channels = static_cast<double>(MakeDivisible(made.out_channels, widen));
    made.num_blocks = MakeRound(made.num_blocks, deepen);
    return BuildCspStage(weights, x, made, spec, style);
  };
  return RunStages(config, w, image, kP5.size(), stem, stage);
}

std::vector<Value> YoloxPafpn(const ConfigNode& config, const Weights& w,
                              const std::vector<Value>& features) {
  const double widen = ReadFactor(config, "widen_factor");
  const bool depthwise = config.Get("use_depthwise", false);
  const Style style = ReadStyle(config, kYoloStyle);
  const std::int64_t out_channels = Scaled(config["out_channels"].AsDouble(), widen);
  const auto blocks = static_cast<double>(config.Get("num_csp_blocks", std::int64_t{3}));
  const std::int64_t num_blocks = RoundHalfEven(blocks * ReadFactor(config, "deepen_factor"));
  std::vector<std::int64_t> channels;
  for (const std::int64_t count : config["in_channels"].AsInts()) {
    channels.push_back(Scaled(static_cast<double>(count), widen));
  }
  config.Ignore({"freeze_all", "init_cfg"});
  // MMYOLO's layers are written for three levels.
  if (channels.size() != 3) config["in_channels"].Fail("this neck has three levels");
  RequireLevels(config, channels.size(), features.size());
  RequireChannels(config, channels, features);
  return CspPafpn(w, features,
                  {.channels = channels,
                   .out_channels = out_channels,
                   .num_blocks = num_blocks,
                   .depthwise_downsample = depthwise},
                  style);
}

void YoloxHeadModule(const ConfigNode& module, const Weights& w, const std::vector<Value>& features,
                     const std::function<void(const PointLevel&)>& add) {
  const Style style = ReadStyle(module, kYoloStyle);
  const double widen = ReadFactor(module, "widen_factor");
  const YoloxLevelsSpec spec = ReadYoloxLevels(module, widen);
  const std::int64_t in_channels = Scaled(module["in_channels"].AsDouble(), widen);
  RequireChannels(module, std::vector<std::int64_t>(features.size(), in_channels), features);
  YoloxLevels(w, features, spec, style, add);
}

graph::HeadOutput YoloxHead(const ConfigNode& config, const Weights& w,
                            const std::vector<Value>& features, graph::HeadMode mode) {
  return PointHead(config, w, features, mode,
                   {.type = "yolox",
                    .coding = contract::BoxCoding::kCenterSize,
                    .coder = "YOLOXBBoxCoder",
                    .prior_offset = 0});
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {
    {{"YOLOXCSPDarknet", YoloxCspDarknet}}};
constexpr std::array<Component<NeckFunction>, 1> kNecks = {{{"YOLOXPAFPN", YoloxPafpn}}};
constexpr std::array<Component<HeadFunction>, 1> kHeads = {{{"YOLOXHead", YoloxHead}}};
constexpr std::array<Component<PointModuleFunction>, 1> kModules = {
    {{"YOLOXHeadModule", YoloxHeadModule}}};

}  // namespace

std::vector<std::int64_t> ReadSppKernels(const ConfigNode& config, std::string_view key) {
  const auto sizes = config.Find(key);
  if (!sizes) return {5, 9, 13};
  std::vector<std::int64_t> kernels =
      sizes->IsInt() ? std::vector<std::int64_t>{sizes->AsInt()} : sizes->AsInts();
  for (const std::int64_t kernel : kernels) {
    if (kernel < 1 || kernel % 2 == 0) sizes->Fail("pooling sizes must be odd");
  }
  return kernels;
}

YoloxLevelsSpec ReadYoloxLevels(const ConfigNode& config, double widen) {
  RequireNoConvCfg(config);
  if (config.Get("dcn_on_last_conv", false)) {
    config["dcn_on_last_conv"].Fail("deformable convolutions are not supported");
  }
  if (const auto bias = config.Find("conv_bias"); bias && !bias->IsString()) {
    bias->Fail("only 'auto' is supported: a bias where there is no norm");
  }
  return {.num_classes = ReadNumClasses(config),
          .feat_channels = Scaled(config.Get("feat_channels", 256.0), widen),
          .stacked_convs = config.Get("stacked_convs", std::int64_t{2}),
          .use_depthwise = config.Get("use_depthwise", false)};
}

void YoloxLevels(const Weights& w, const std::vector<Value>& features, const YoloxLevelsSpec& spec,
                 const Style& style, const std::function<void(const PointLevel&)>& add) {
  const auto stacked = [&](const Weights& convs, Value x) {
    for (std::int64_t i = 0; i < spec.stacked_convs; ++i) {
      x = nn::ConvOrDepthwise(spec.use_depthwise, convs[static_cast<std::size_t>(i)], x,
                              {.out_channels = spec.feat_channels, .kernel = 3}, style);
    }
    return x;
  };
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Value cls = stacked(w["multi_level_cls_convs"][i], features[i]);
    const Value reg = stacked(w["multi_level_reg_convs"][i], features[i]);
    const Value classes = Conv2d(w["multi_level_conv_cls"][i], cls, spec.num_classes);
    const Value boxes = Conv2d(w["multi_level_conv_reg"][i], reg, 4);
    const Value objectness = Conv2d(w["multi_level_conv_obj"][i], reg, 1);
    add({classes, boxes, objectness});
  }
}

const Family kYolox = {kBackbones, kNecks, kHeads, kModules};

}  // namespace yoloport::models
