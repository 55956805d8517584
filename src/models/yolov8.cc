// YOLOv8: CSP-Darknet and PAFPN of two-convolution CSP layers, a head of decoupled branches that
// gives each side of a box as a distribution. YOLOv5u is this head on YOLOv5's backbone and neck.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/head_levels.h"
#include "models/pafpn.h"
#include "models/point_head.h"
#include "models/style_reading.h"
#include "nn/conv_module.h"
#include "nn/csp_layer_with_two_conv.h"
#include "nn/spp.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using nn::ConvModule;
using nn::Style;

struct StageSetting {
  double out_channels;
  std::int64_t num_blocks;
  bool use_spp;
};

constexpr double kStemChannels = 64;

std::array<StageSetting, 4> ReadArch(const ConfigNode& config) {
  const std::string arch = config.Get("arch", std::string("P5"));
  if (arch != "P5") config["arch"].Fail("unknown arch " + base::Quote(arch), "known is P5");
  return {{{128, 3, false},
           {256, 6, false},
           {512, 6, false},
           {config.Get("last_stage_out_channels", 1024.0), 3, true}}};
}

std::vector<Value> Yolov8CspDarknet(const ConfigNode& config, const Weights& w, Value image) {
  const std::array<StageSetting, 4> settings = ReadArch(config);
  const double widen = ReadFactor(config, "widen_factor");
  const double deepen = ReadFactor(config, "deepen_factor");
  const Style style = ReadStyle(config, kYoloStyle);
  const auto stem = [&](const Weights& weights, Value x) {
    const std::int64_t channels = MakeDivisible(kStemChannels, widen);
    return ConvModule(weights, x, {.out_channels = channels, .kernel = 3, .stride = 2}, style);
  };
  const auto stage = [&](const Weights& weights, Value x, std::size_t index) {
    const StageSetting& setting = settings[index];
    const std::int64_t channels = MakeDivisible(setting.out_channels, widen);
    x = ConvModule(weights[std::size_t{0}], x, {.out_channels = channels, .kernel = 3, .stride = 2},
                   style);
    x = nn::CspLayerWithTwoConv(
        weights[1], x,
        {.out_channels = channels, .num_blocks = MakeRound(setting.num_blocks, deepen)}, style);
    if (!setting.use_spp) return Stage{x, 2};
    return Stage{nn::SppfBottleneck(weights[2], x, {.out_channels = channels}, style), 3};
  };
  return RunStages(config, w, image, settings.size(), stem, stage);
}

std::vector<Value> Yolov8Pafpn(const ConfigNode& config, const Weights& w,
                               const std::vector<Value>& features) {
  const double widen = ReadFactor(config, "widen_factor");
  const std::vector<std::int64_t> in = ReadChannels(config, "in_channels", widen, features.size());
  const std::vector<std::int64_t> out =
      ReadChannels(config, "out_channels", widen, features.size());
  const std::int64_t blocks =
      MakeRound(config.Get("num_csp_blocks", std::int64_t{3}), ReadFactor(config, "deepen_factor"));
  const Style style = ReadStyle(config, kYoloStyle);
  config.Ignore({"freeze_all", "init_cfg"});
  RequireChannels(config, in, features);
  const auto csp = [&](const Weights& weights, Value x, std::int64_t channels) {
    return nn::CspLayerWithTwoConv(
        weights, x, {.out_channels = channels, .num_blocks = blocks, .add_identity = false}, style);
  };
  PafpnLayers layers;
  layers.top_down = [&](const Weights& weights, Value x, std::size_t index) {
    return csp(weights, x, out[index - 1]);
  };
  layers.downsample = [&](const Weights& weights, Value x, std::size_t index) {
    return ConvModule(weights, x, {.out_channels = in[index], .kernel = 3, .stride = 2}, style);
  };
  layers.bottom_up = [&](const Weights& weights, Value x, std::size_t index) {
    return csp(weights, x, out[index + 1]);
  };
  return Pafpn(w, features, layers);
}

// Two 3 x 3 ConvModules (`0`, `1`) of `width` channels and the predicting convolution (`2`).
Value Branch(const Weights& w, Value x, std::int64_t width, std::int64_t out_channels,
             const Style& style) {
  x = ConvModule(w[std::size_t{0}], x, {.out_channels = width, .kernel = 3}, style);
  x = ConvModule(w[1], x, {.out_channels = width, .kernel = 3}, style);
  return nn::Conv2d(w[2], x, out_channels);
}

void Yolov8HeadModule(const ConfigNode& module, const Weights& w,
                      const std::vector<Value>& features,
                      const std::function<void(const PointLevel&)>& add) {
  const Style style = ReadStyle(module, kYoloStyle);
  const std::vector<std::int64_t> channels =
      ReadChannels(module, "in_channels", ReadFactor(module, "widen_factor"), features.size());
  RequireChannels(module, channels, features);
  const int num_classes = ReadNumClasses(module);
  const std::int64_t bins = ReadYolov8Bins(module);
  // All levels have the width of the first.
  const std::int64_t box_width = std::max({std::int64_t{16}, channels.front() / 4, 4 * bins});
  const std::int64_t class_width = std::max<std::int64_t>(channels.front(), num_classes);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Value classes = Branch(w["cls_preds"][i], features[i], class_width, num_classes, style);
    const Value boxes = Branch(w["reg_preds"][i], features[i], box_width, 4 * bins, style);
    add({classes, boxes, {}, static_cast<int>(bins)});
  }
}

graph::HeadOutput Yolov8Head(const ConfigNode& config, const Weights& w,
                             const std::vector<Value>& features, graph::HeadMode mode) {
  return PointHead(config, w, features, mode, {.type = "yolov8", .has_raw_distributions = true});
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {
    {{"YOLOv8CSPDarknet", Yolov8CspDarknet}}};
constexpr std::array<Component<NeckFunction>, 1> kNecks = {{{"YOLOv8PAFPN", Yolov8Pafpn}}};
constexpr std::array<Component<HeadFunction>, 1> kHeads = {{{"YOLOv8Head", Yolov8Head}}};
constexpr std::array<Component<PointModuleFunction>, 1> kModules = {
    {{"YOLOv8HeadModule", Yolov8HeadModule}}};

}  // namespace

const Family kYolov8 = {kBackbones, kNecks, kHeads, kModules};

}  // namespace yoloport::models
