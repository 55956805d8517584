// YOLOv5: CSP-Darknet, PAFPN of CSP layers, one 1 x 1 convolution with anchors a level.
#include <array>

#include "base/text.h"
#include "graph/ops.h"
#include "models/anchor_head.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/pafpn.h"
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

constexpr std::array<CspStage, 4> kP5 = {{{64, 128, 3, true, false},
                                          {128, 256, 6, true, false},
                                          {256, 512, 9, true, false},
                                          {512, 1024, 3, true, true}}};
constexpr std::array<CspStage, 5> kP6 = {{{64, 128, 3, true, false},
                                          {128, 256, 6, true, false},
                                          {256, 512, 9, true, false},
                                          {512, 768, 3, true, false},
                                          {768, 1024, 3, true, true}}};

std::span<const CspStage> ReadArch(const ConfigNode& config) {
  const std::string arch = config.Get("arch", std::string("P5"));
  if (arch == "P5") return kP5;
  if (arch == "P6") return kP6;
  config["arch"].Fail("unknown arch " + base::Quote(arch), "known are P5 and P6");
}

std::vector<Value> Yolov5CspDarknet(const ConfigNode& config, const Weights& w, Value image) {
  const std::span<const CspStage> settings = ReadArch(config);
  const double widen = ReadFactor(config, "widen_factor");
  const double deepen = ReadFactor(config, "deepen_factor");
  const nn::Style style = ReadStyle(config, kYoloStyle);
  const auto stem = [&](const Weights& weights, Value x) {
    const std::int64_t channels = MakeDivisible(settings[0].in_channels, widen);
    return ConvModule(weights, x,
                      {.out_channels = channels, .kernel = 6, .stride = 2, .padding = 2}, style);
  };
  const auto stage = [&](const Weights& weights, Value x, std::size_t index) {
    const CspStage& setting = settings[index];
    const std::int64_t channels = MakeDivisible(setting.out_channels, widen);
    x = ConvModule(weights[std::size_t{0}], x, {.out_channels = channels, .kernel = 3, .stride = 2},
                   style);
    x = nn::CspLayer(weights[1], x,
                     {.out_channels = channels,
                      .num_blocks = MakeRound(setting.num_blocks, deepen),
                      .add_identity = setting.add_identity},
                     style);
    if (!setting.use_spp) return Stage{x, 2};
    return Stage{nn::SppfBottleneck(weights[2], x, {.out_channels = channels}, style), 3};
  };
  return RunStages(config, w, image, settings.size(), stem, stage);
}

std::vector<Value> Yolov5Pafpn(const ConfigNode& config, const Weights& w,
                               const std::vector<Value>& features) {
  const double widen = ReadFactor(config, "widen_factor");
  const std::vector<std::int64_t> channels =
      ReadChannels(config, "in_channels", widen, features.size());
  const std::int64_t blocks =
      MakeRound(config.Get("num_csp_blocks", std::int64_t{1}), ReadFactor(config, "deepen_factor"));
  const nn::Style style = ReadStyle(config, kYoloStyle);
  config.Ignore({"out_channels", "freeze_all", "init_cfg"});
  const auto csp = [&](const Weights& weights, Value x, std::int64_t out) {
    return nn::CspLayer(weights, x,
                        {.out_channels = out, .num_blocks = blocks, .add_identity = false}, style);
  };
  const auto pointwise = [&](const Weights& weights, Value x, std::int64_t out) {
    return ConvModule(weights, x, {.out_channels = out}, style);
  };
  const auto downsample = [&](const Weights& weights, Value x, std::int64_t out) {
    return ConvModule(weights, x, {.out_channels = out, .kernel = 3, .stride = 2}, style);
  };
  return Pafpn(w, features, CspPafpnLayers(channels, {csp, pointwise, downsample}));
}

void Yolov5HeadModule(const ConfigNode& module, const Weights& w,
                      const std::vector<Value>& features, std::int64_t out_channels,
                      const std::function<void(AnchorLevel)>& add) {
  RequireChannels(
      module,
      ReadChannels(module, "in_channels", ReadFactor(module, "widen_factor"), features.size()),
      features);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Weights conv = w["convs_pred"][i];
    const tensor::Shape shape = {out_channels, features[i].dim(1), 1, 1};
    add({features[i], nn::TakeConv(conv, shape, true), conv.prefix()});
  }
}

graph::HeadOutput Yolov5Head(const ConfigNode& config, const Weights& w,
                             const std::vector<Value>& features, graph::HeadMode mode) {
  return BuildAnchorHead(config, w, features, mode, "yolov5");
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {
    {{"YOLOv5CSPDarknet", Yolov5CspDarknet}}};
constexpr std::array<Component<NeckFunction>, 1> kNecks = {{{"YOLOv5PAFPN", Yolov5Pafpn}}};
constexpr std::array<Component<HeadFunction>, 1> kHeads = {{{"YOLOv5Head", Yolov5Head}}};
constexpr std::array<Component<AnchorModuleFunction>, 1> kModules = {
    {{"YOLOv5HeadModule", Yolov5HeadModule}}};

}  // namespace

const Family kYolov5 = {kBackbones, kNecks, kHeads, {}, kModules};

}  // namespace yoloport::models
