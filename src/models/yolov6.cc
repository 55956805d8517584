// YOLOv6 2.0 and 3.0: backbones and necks of re-parameterised blocks, in the large sizes within
// CSP stages; the necks enlarge by transposed convolutions. The head predicts distances, in the
// large sizes by a distribution.
#include <array>

#include "base/text.h"
#include "graph/ops.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/head_levels.h"
#include "models/pafpn.h"
#include "models/point_head.h"
#include "models/style_reading.h"
#include "nn/conv_module.h"
#include "nn/rep_stage.h"
#include "nn/spp.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using nn::ActivationKind;
using nn::ConvModule;
using nn::RepBlockSpec;
using nn::Style;

constexpr Style kReluStyle = {{nn::NormKind::kBatch, 1e-3}, {ActivationKind::kRelu}};

struct StageSetting {
  double out_channels;
  std::int64_t num_blocks;
  bool use_spp;
};

constexpr double kStemChannels = 64;
constexpr std::array<StageSetting, 4> kP5 = {
    {{128, 6, false}, {256, 12, false}, {512, 18, false}, {1024, 6, true}}};

// `block_cfg`, or a block of type `default_type`. It has defaults of its own for norm and
// activation, whatever those of the network around it are.
RepBlockSpec ReadBlock(const ConfigNode& config, RepBlockSpec::Kind default_kind) {
  constexpr Style kWrapperStyle = {{nn::NormKind::kNone}, {ActivationKind::kSilu}};
  RepBlockSpec spec;
  spec.kind = default_kind;
  const auto block = config.Find("block_cfg");
  if (block) {
    RequireType(*block, {"RepVGGBlock", "ConvWrapper"});
    const bool wrapper = WithoutScope((*block)["type"].AsString()) == "ConvWrapper";
    spec.kind = wrapper ? RepBlockSpec::Kind::kConvWrapper : RepBlockSpec::Kind::kRepVgg;
  }
  if (spec.kind == RepBlockSpec::Kind::kConvWrapper) spec.style = kWrapperStyle;
  if (!block) return spec;
  spec.style = ReadStyle(*block, spec.style);
  if (spec.kind == RepBlockSpec::Kind::kConvWrapper) {
    spec.bias = block->Get("bias", true);
    return spec;
  }
  spec.use_bn_first = block->Get("use_bn_first", true);
  spec.use_alpha = block->Get("use_alpha", false);
  spec.deploy = block->Get("deploy", false);
  if (block->Get("use_se", false)) (*block)["use_se"].Fail("this block has no attention");
  return spec;
}

// Backbones and necks come in two kinds: stages are RepStageBlocks, or BepC3StageBlocks.
enum class StageKind { kRep, kBepC3 };

struct StageSpec {
  StageKind kind = StageKind::kRep;
  RepBlockSpec block;
  double hidden_ratio = 0.5;
  Style style;  // of the 1 x 1 convolutions of a BepC3StageBlock
};

Value RepStage(const Weights& w, Value x, std::int64_t out_channels, std::int64_t num_blocks,
               const StageSpec& spec) {
  if (spec.kind == StageKind::kRep) {
    return nn::RepStageBlock(w, x, out_channels, num_blocks, spec.block);
  }
  return nn::BepC3StageBlock(w, x, {out_channels, num_blocks, spec.hidden_ratio}, spec.block,
                             spec.style);
}

// --- backbones ---

template <StageKind kKind>
std::vector<Value> Backbone(const ConfigNode& config, const Weights& w, Value image) {
  constexpr bool kBep = kKind == StageKind::kBepC3;
  if (config.Get("arch", std::string("P5")) != "P5") config["arch"].Fail("the only arch is P5");
  const double widen = ReadFactor(config, "widen_factor");
  const double deepen = ReadFactor(config, "deepen_factor");
  // YOLOv6CSPBep takes this key too, but its base class sets it back to false: trained networks
  // have the plain SPPF.
  const bool use_cspsppf = config.Get("use_cspsppf", false) && !kBep;
  const Style style = ReadStyle(config, kBep ? kYoloStyle : kReluStyle);
  StageSpec spec;
  spec.kind = kKind;
  spec.style = style;
  spec.block =
      ReadBlock(config, kBep ? RepBlockSpec::Kind::kConvWrapper : RepBlockSpec::Kind::kRepVgg);
  if (kBep) spec.hidden_ratio = config.Get("hidden_ratio", 0.5);
  const auto stem = [&](const Weights& weights, Value x) {
    return nn::RepBlock(weights, x, Scaled(kStemChannels, widen), 2, spec.block);
  };
  const auto stage = [&](const Weights& weights, Value x, std::size_t index) {
    const StageSetting& setting = kP5[index];
    const std::int64_t channels = Scaled(setting.out_channels, widen);
    const Weights first = weights[std::size_t{0}];
    x = nn::RepBlock(first[std::size_t{0}], x, channels, 2, spec.block);
    x = RepStage(first[1], x, channels, MakeRound(setting.num_blocks, deepen), spec);
    if (!setting.use_spp) return Stage{x, 1};
    x = use_cspsppf ? nn::CspSppfBottleneck(weights[1], x, {.out_channels = channels}, style)
                    : nn::SppfBottleneck(weights[1], x, {.out_channels = channels}, style);
    return Stage{x, 2};
  };
  return RunStages(config, w, image, kP5.size(), stem, stage);
}

// --- necks ---

struct NeckSpec {
  std::vector<std::int64_t> out_channels;
  std::int64_t num_blocks = 12;
  Style style;
  StageSpec stage;
};

// `levels`: how many the neck works on; MMYOLO's layers are made for three.
template <StageKind kKind>
NeckSpec ReadNeck(const ConfigNode& config, double widen, std::size_t levels) {
  RequireLevels(config, 3, levels);
  NeckSpec spec;
  spec.out_channels = ReadScaledChannels(config, "out_channels", widen, levels);
  spec.num_blocks = MakeRound(config.Get("num_csp_blocks", std::int64_t{12}),
                              ReadFactor(config, "deepen_factor"));
  spec.style = ReadStyle(config, kReluStyle);
  spec.stage.kind = kKind;
  spec.stage.block = ReadBlock(config, RepBlockSpec::Kind::kRepVgg);
  if (kKind == StageKind::kBepC3) {
    spec.stage.hidden_ratio = config.Get("hidden_ratio", 0.5);
    spec.stage.style = {spec.style.norm, {ActivationKind::kSilu}};
    if (const auto act = config.Find("block_act_cfg")) spec.stage.style.act = ReadActivation(*act);
  }
  config.Ignore({"freeze_all", "init_cfg"});
  return spec;
}

// The layers that all these necks have in common: all but how levels are joined on the way down.
PafpnLayers Layers(const NeckSpec& spec) {
  const auto& out = spec.out_channels;
  PafpnLayers layers;
  layers.reduce = [&](const Weights& weights, Value x, std::size_t index) {
    return index < 2 ? x : ConvModule(weights, x, {.out_channels = out[index - 1]}, spec.style);
  };
  layers.top_down = [&](const Weights& weights, Value x, std::size_t index) {
    if (index == 1) return RepStage(weights, x, out[0], spec.num_blocks, spec.stage);
    x = RepStage(weights[std::size_t{0}], x, out[index - 1], spec.num_blocks, spec.stage);
    return ConvModule(weights[1], x, {.out_channels = out[index - 2]}, spec.style);
  };
  layers.downsample = [&](const Weights& weights, Value x, std::size_t index) {
    return ConvModule(weights, x, {.out_channels = out[index], .kernel = 3, .stride = 2},
                      spec.style);
  };
  layers.bottom_up = [&](const Weights& weights, Value x, std::size_t index) {
    return RepStage(weights, x, out[index + 1], spec.num_blocks, spec.stage);
  };
  return layers;
}

// YOLOv6RepPAFPN, YOLOv6CSPRepPAFPN: enlarge by transposed convolutions, concatenate.
template <StageKind kKind>
std::vector<Value> Pafpn6(const ConfigNode& config, const Weights& w,
                          const std::vector<Value>& features) {
  const double widen = ReadFactor(config, "widen_factor");
  const NeckSpec spec = ReadNeck<kKind>(config, widen, features.size());
  RequireChannels(config, ReadScaledChannels(config, "in_channels", widen, features.size()),
                  features);
  PafpnLayers layers = Layers(spec);
  layers.upsample = [&](const Weights& weights, Value x, std::size_t index) {
    return nn::ConvTranspose2d(weights, x, spec.out_channels[index - 1], 2, 2);
  };
  return Pafpn(w, features, layers);
}

// YOLOv6RepBiPAFPN, YOLOv6CSPRepBiPAFPN: each level on the way down also gets the one below, for
// which the neck takes one feature map more than it gives.
template <StageKind kKind>
std::vector<Value> BiPafpn(const ConfigNode& config, const Weights& w,
                           const std::vector<Value>& features) {
  const double widen = ReadFactor(config, "widen_factor");
  RequireChannels(config, ReadScaledChannels(config, "in_channels", widen, features.size()),
                  features);
  const NeckSpec spec = ReadNeck<kKind>(config, widen, features.size() - 1);
  PafpnLayers layers = Layers(spec);
  layers.fuse = [&](const Weights& weights, Value high, const std::vector<Value>& reduced,
                    std::size_t index) {
    const Value low = index > 1 ? reduced[index - 2] : features[0];
    return nn::BiFusion(weights, high, reduced[index - 1], low, spec.out_channels[index - 1],
                        spec.style);
  };
  return Pafpn(w, {features.begin() + 1, features.end()}, layers);
}

// --- head ---

void Yolov6HeadModule(const ConfigNode& module, const Weights& w,
                      const std::vector<Value>& features,
                      const std::function<void(const PointLevel&)>& add) {
  const Style style = ReadStyle(module, kYoloStyle);
  const double widen = ReadFactor(module, "widen_factor");
  const std::int64_t bins = ReadYolov6Bins(module);
  RequireChannels(module, ReadScaledChannels(module, "in_channels", widen, features.size()),
                  features);
  const int num_classes = ReadNumClasses(module);
  for (std::size_t i = 0; i < features.size(); ++i) {
    const std::int64_t channels = features[i].dim(1);
    const nn::ConvModuleSpec conv = {.out_channels = channels, .kernel = 3};
    const Value stem = ConvModule(w["stems"][i], features[i], {.out_channels = channels}, style);
    const Value classes = nn::Conv2d(w["cls_preds"][i],
                                     ConvModule(w["cls_convs"][i], stem, conv, style), num_classes);
    const Value boxes =
        nn::Conv2d(w["reg_preds"][i], ConvModule(w["reg_convs"][i], stem, conv, style), 4 * bins);
    const graph::NameScope scope(stem.graph(), w["reg_preds"][i].prefix());
    add({classes, boxes, {}, static_cast<int>(bins)});
  }
}

graph::HeadOutput Yolov6Head(const ConfigNode& config, const Weights& w,
                             const std::vector<Value>& features, graph::HeadMode mode) {
  return PointHead(config, w, features, mode, {.type = "yolov6"});
}

constexpr std::array<Component<BackboneFunction>, 2> kBackbones = {
    {{"YOLOv6EfficientRep", Backbone<StageKind::kRep>},
     {"YOLOv6CSPBep", Backbone<StageKind::kBepC3>}}};
constexpr std::array<Component<NeckFunction>, 4> kNecks = {
    {{"YOLOv6RepPAFPN", Pafpn6<StageKind::kRep>},
     {"YOLOv6CSPRepPAFPN", Pafpn6<StageKind::kBepC3>},
     {"YOLOv6RepBiPAFPN", BiPafpn<StageKind::kRep>},
     {"YOLOv6CSPRepBiPAFPN", BiPafpn<StageKind::kBepC3>}}};
constexpr std::array<Component<HeadFunction>, 1> kHeads = {{{"YOLOv6Head", Yolov6Head}}};
constexpr std::array<Component<PointModuleFunction>, 1> kModules = {
    {{"YOLOv6HeadModule", Yolov6HeadModule}}};

}  // namespace

const Family kYolov6 = {kBackbones, kNecks, kHeads, kModules};

}  // namespace yoloport::models
