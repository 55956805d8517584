// PPYOLOE and PPYOLOE+: CSP-ResNet of re-parameterised blocks, a PAFPN of the same layers, a head
// with attention and boxes as distributions. PPYOLOE+ weighs a branch of the backbone's blocks.
#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "graph/ops.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/head_levels.h"
#include "models/pafpn.h"
#include "models/point_head.h"
#include "models/style_reading.h"
#include "nn/attention.h"
#include "nn/conv_module.h"
#include "nn/csp_res_layer.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using nn::Activation;
using nn::ConvModule;
using nn::PpyoloeBlockSpec;
using nn::Style;

constexpr Style kStyle = {{nn::NormKind::kBatch, 1e-5}, {nn::ActivationKind::kSilu}};

struct StageSetting {
  double in_channels, out_channels;
  double num_blocks;
};

constexpr std::array<StageSetting, 4> kP5 = {
    {{64, 128, 3}, {128, 256, 6}, {256, 512, 6}, {512, 1024, 3}}};

// `arch` names a table; `arch_ovewrite` (so spelled) brings its own.
std::vector<StageSetting> ReadArch(const ConfigNode& config) {
  const std::string arch = config.Get("arch", std::string("P5"));
  if (arch != "P5") config["arch"].Fail("unknown arch " + base::Quote(arch), "known is P5");
  const auto own = config.Find("arch_ovewrite");
  if (!own || own->IsNone() || own->size() == 0) return {kP5.begin(), kP5.end()};
  std::vector<StageSetting> settings;
  for (std::size_t i = 0; i < own->size(); ++i) {
    const std::vector<double> row = (*own)[i].AsDoubles();
    if (row.size() != 3) (*own)[i].Fail("a stage is (in_channels, out_channels, num_blocks)");
    settings.push_back({row[0], row[1], row[2]});
  }
  return settings;
}

// `block_cfg`, or `defaults` where it is not given. Its own norm and activation go before the
// component's; what it leaves out is as the block's constructor has it.
PpyoloeBlockSpec ReadBlock(const ConfigNode& config, const PpyoloeBlockSpec& defaults) {
  const auto block = config.Find("block_cfg");
  if (!block) return defaults;
  RequireType(*block, {"PPYOLOEBasicBlock"});
  return {.shortcut = block->Get("shortcut", true),
          .use_alpha = block->Get("use_alpha", false),
          .style = ReadStyle(*block, defaults.style)};
}

// `attention_cfg`: None or empty for no attention; by default there is one.
std::optional<Activation> ReadAttention(const ConfigNode& config) {
  const Activation hard_sigmoid = {nn::ActivationKind::kHardSigmoid};
  const auto attention = config.Find("attention_cfg");
  if (!attention) return hard_sigmoid;
  if (attention->IsNone() || attention->size() == 0) return std::nullopt;
  RequireType(*attention, {"EffectiveSELayer"});
  const auto act = attention->Find("act_cfg");
  return act ? ReadActivation(*act) : hard_sigmoid;
}

Value Stem(const Weights& w, Value x, std::int64_t channels, bool large, const Style& style) {
  const std::int64_t half = channels / 2;
  std::size_t at = 0;
  x = ConvModule(w[at++], x, {.out_channels = half, .kernel = 3, .stride = 2}, style);
  if (large) x = ConvModule(w[at++], x, {.out_channels = half, .kernel = 3}, style);
  return ConvModule(w[at], x, {.out_channels = channels, .kernel = 3}, style);
}

std::vector<Value> PpyoloeCspResNet(const ConfigNode& config, const Weights& w, Value image) {
  const std::vector<StageSetting> settings = ReadArch(config);
  const double widen = ReadFactor(config, "widen_factor");
  const double deepen = ReadFactor(config, "deepen_factor");
  const bool large_stem = config.Get("use_large_stem", false);
  const Style style = ReadStyle(config, kStyle);
  const PpyoloeBlockSpec block =
      ReadBlock(config, {.shortcut = true, .use_alpha = true, .style = style});
  const std::optional<Activation> attention = ReadAttention(config);
  const auto stem = [&](const Weights& weights, Value x) {
    return Stem(weights, x, Scaled(settings[0].in_channels, widen), large_stem, style);
  };
  const auto stage = [&](const Weights& weights, Value x, std::size_t index) {
    x = nn::CspResLayer(weights[std::size_t{0}], x,
                        {.out_channels = Scaled(settings[index].out_channels, widen),
                         .num_blocks = RoundHalfEven(settings[index].num_blocks * deepen),
                         .downsample = true,
                         .block = block,
                         .attention = attention},
                        style);
    return Stage{x, 1};
  };
  return RunStages(config, w, image, settings.size(), stem, stage);
}

std::vector<std::int64_t> ReadScaled(const ConfigNode& list, double factor) {
  std::vector<std::int64_t> channels;
  for (const double count : list.AsDoubles()) channels.push_back(Scaled(count, factor));
  return channels;
}

// A default of MMYOLO's neck where `key` is not given.
std::vector<std::int64_t> ReadNeckChannels(const ConfigNode& config, std::string_view key,
                                           double widen) {
  if (const auto list = config.Find(key)) return ReadScaled(*list, widen);
  return {Scaled(256, widen), Scaled(512, widen), Scaled(1024, widen)};
}

// Dropped in training only.
void IgnoreDropBlock(const ConfigNode& config) {
  const auto drop = config.Find("drop_block_cfg");
  if (!drop || drop->IsNone() || drop->size() == 0) return;
  RequireType(*drop, {"DropBlock"});
  config.Ignore({"drop_block_cfg"});
}

std::vector<Value> PpyoloeCspPafpn(const ConfigNode& config, const Weights& w,
                                   const std::vector<Value>& features) {
  const double widen = ReadFactor(config, "widen_factor");
  const std::vector<std::int64_t> channels = ReadNeckChannels(config, "out_channels", widen);
  RequireLevels(config, channels.size(), features.size());
  RequireChannels(config, ReadNeckChannels(config, "in_channels", widen), features);
  const std::int64_t csp_layers = config.Get("num_csplayer", std::int64_t{1});
  const std::int64_t blocks =
      RoundHalfEven(config.Get("num_blocks_per_layer", 3.0) * ReadFactor(config, "deepen_factor"));
  const bool use_spp = config.Get("use_spp", false);
  const Style style = ReadStyle(config, kStyle);
  const PpyoloeBlockSpec block =
      ReadBlock(config, {.shortcut = false, .use_alpha = false, .style = style});
  IgnoreDropBlock(config);
  config.Ignore({"freeze_all", "init_cfg"});
  const auto layer = [&](const Weights& weights, Value x, std::int64_t out, bool spp) {
    const nn::CspResSpec spec = {
        .out_channels = out, .num_blocks = blocks, .block = block, .use_spp = spp};
    for (std::int64_t i = 0; i < csp_layers; ++i) {
      x = nn::CspResLayer(weights[static_cast<std::size_t>(i)], x, spec, style);
    }
    return x;
  };
  PafpnLayers layers;
  layers.reduce = [&](const Weights& weights, Value x, std::size_t index) {
    if (index + 1 < channels.size()) return x;
    return layer(weights, x, channels[index], use_spp);
  };
  layers.upsample = [&](const Weights& weights, Value x, std::size_t index) {
    const nn::ConvModuleSpec half = {.out_channels = channels[index] / 2};
    x = ConvModule(weights[std::size_t{0}], x, half, style);
    const graph::NameScope scope(x.graph(), weights[1].prefix());
    return graph::Upsample(x, 2);
  };
  layers.top_down = [&](const Weights& weights, Value x, std::size_t index) {
    return layer(weights, x, channels[index - 1], false);
  };
  layers.downsample = [&](const Weights& weights, Value x, std::size_t index) {
    return ConvModule(weights, x, {.out_channels = channels[index], .kernel = 3, .stride = 2},
                      style);
  };
  layers.bottom_up = [&](const Weights& weights, Value x, std::size_t index) {
    return layer(weights, x, channels[index + 1], false);
  };
  return Pafpn(w, features, layers);
}

// `in_channels` of the head module: one number for all levels, or a list.
std::vector<std::int64_t> ReadHeadChannels(const ConfigNode& module, std::size_t levels) {
  const double widen = ReadFactor(module, "widen_factor");
  const ConfigNode list = module["in_channels"];
  if (list.IsList()) return ReadScaled(list, widen);
  return std::vector<std::int64_t>(levels, Scaled(list.AsDouble(), widen));
}

PointLevel PredictLevel(const Weights& w, std::size_t level, Value x, int num_classes, int bins,
                        const Style& style) {
  const Weights stem = w["cls_stems"][level];
  const graph::NameScope scope(x.graph(), stem.prefix());
  const Value mean = graph::GlobalAveragePool(x);
  const Value cls_feature = nn::PpyoloeSeLayer(stem, x, mean, style) + x;
  const Value reg_feature = nn::PpyoloeSeLayer(w["reg_stems"][level], x, mean, style);
  const Value classes = nn::Conv2d(w["cls_preds"][level], cls_feature, num_classes, 3);
  return {classes, nn::Conv2d(w["reg_preds"][level], reg_feature, 4 * bins, 3), {}, bins};
}

void PpyoloeHeadModule(const ConfigNode& module, const Weights& w,
                       const std::vector<Value>& features,
                       const std::function<void(const PointLevel&)>& add) {
  const Style style = ReadStyle(module, kStyle);
  const int num_classes = ReadNumClasses(module);
  const int bins = ReadPpyoloeBins(module);
  const std::vector<std::int64_t> channels = ReadHeadChannels(module, features.size());
  RequireLevels(module, channels.size(), features.size());
  RequireChannels(module, channels, features);
  for (std::size_t i = 0; i < features.size(); ++i) {
    add(PredictLevel(w, i, features[i], num_classes, bins, style));
  }
}

graph::HeadOutput PpyoloeHead(const ConfigNode& config, const Weights& w,
                              const std::vector<Value>& features, graph::HeadMode mode) {
  return PointHead(config, w, features, mode, {.type = "ppyoloe", .has_raw_distributions = true});
}

// easydeploy's name by how images are prepared: its "ppyoloe" subtracts a mean, "ppyoloep" only
// scales to 0..1. The head cannot tell the two apart.
std::string TypeName(const ConfigNode& model) {
  const auto preprocessor = model.Find("data_preprocessor");
  if (!preprocessor || preprocessor->IsNone()) return "ppyoloep";
  const auto mean = preprocessor->Find("mean");
  if (!mean || mean->IsNone()) return "ppyoloep";
  const std::vector<double> numbers = mean->AsDoubles();
  const bool shifts = std::any_of(numbers.begin(), numbers.end(), [](double m) { return m != 0; });
  return shifts ? "ppyoloe" : "ppyoloep";
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {
    {{"PPYOLOECSPResNet", PpyoloeCspResNet}}};
constexpr std::array<Component<NeckFunction>, 1> kNecks = {{{"PPYOLOECSPPAFPN", PpyoloeCspPafpn}}};
constexpr std::array<Component<HeadFunction>, 1> kHeads = {{{"PPYOLOEHead", PpyoloeHead}}};
constexpr std::array<Component<PointModuleFunction>, 1> kModules = {
    {{"PPYOLOEHeadModule", PpyoloeHeadModule}}};

}  // namespace

const Family kPpyoloe = {kBackbones, kNecks, kHeads, kModules, {}, TypeName};

}  // namespace yoloport::models
