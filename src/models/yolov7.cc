// YOLOv7 from tiny to e2e: (E-)ELAN stages, a PAFPN of the same blocks, anchors predicted by one
// convolution with implicit knowledge folded in. The P6 sizes have one more convolution a level,
// and auxiliary branches that only training needs.
#include <array>
#include <cmath>

#include "base/text.h"
#include "graph/ops.h"
#include "models/anchor_head.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/pafpn.h"
#include "models/style_reading.h"
#include "nn/conv_module.h"
#include "nn/elan.h"
#include "nn/focus.h"
#include "nn/implicit.h"
#include "nn/rep_vgg.h"
#include "nn/spp.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using nn::ConvModule;
using nn::MaxPoolAndStrideConvBlock;
using nn::Style;

// The block that a stage consists of, without its width.
struct BlockSpec {
  enum class Kind { kElan, kEelan, kTinyDownSample };
  Kind kind = Kind::kElan;
  double middle_ratio = 0.5;
  double block_ratio = 0.5;
  std::int64_t num_blocks = 2;
  std::int64_t num_convs_in_block = 1;
  std::int64_t num_elan_blocks = 1;
  std::int64_t kernel_size = 3;  // of kTinyDownSample
};

Value Block(const Weights& w, Value x, std::int64_t out_channels, const BlockSpec& spec,
            const Style& style) {
  if (spec.kind == BlockSpec::Kind::kTinyDownSample) {
    return nn::TinyDownSampleBlock(w, x, {out_channels, spec.middle_ratio, spec.kernel_size},
                                   style);
  }
  const nn::ElanSpec elan = {out_channels, spec.middle_ratio, spec.block_ratio, spec.num_blocks,
                             spec.num_convs_in_block};
  return spec.kind == BlockSpec::Kind::kEelan
             ? nn::EelanBlock(w, x, spec.num_elan_blocks, elan, style)
             : nn::ElanBlock(w, x, elan, style);
}

// --- backbone ---

enum class Arch { kTiny, kL, kX, kW, kE, kD, kE2e };

struct StageSetting {
  double in_channels, out_channels;
  BlockSpec block;
};

constexpr BlockSpec Elan(double ratio, std::int64_t num_blocks) {
  return {BlockSpec::Kind::kElan, ratio, ratio, num_blocks, 2};
}
constexpr BlockSpec Eelan(double ratio, std::int64_t num_blocks, std::int64_t num_elan_blocks) {
  return {BlockSpec::Kind::kEelan, ratio, ratio, num_blocks, 2, num_elan_blocks};
}
constexpr BlockSpec Tiny(double ratio) { return {BlockSpec::Kind::kTinyDownSample, ratio}; }

constexpr std::array<StageSetting, 4> kTinyStages = {
    {{64, 64, Tiny(0.5)}, {64, 128, Tiny(1)}, {128, 256, Tiny(1)}, {256, 512, Tiny(1)}}};
constexpr std::array<StageSetting, 4> kLStages = {{{64, 256, Elan(0.5, 2)},
                                                   {256, 512, Elan(0.5, 2)},
                                                   {512, 1024, Elan(0.5, 2)},
                                                   {1024, 1024, Elan(0.25, 2)}}};
constexpr std::array<StageSetting, 4> kXStages = {{{80, 320, Elan(0.4, 3)},
                                                   {320, 640, Elan(0.4, 3)},
                                                   {640, 1280, Elan(0.4, 3)},
                                                   {1280, 1280, Elan(0.2, 3)}}};

// The sizes with five stages differ in the stem's width and the block only.
constexpr std::array<StageSetting, 5> P6Stages(double stem, const BlockSpec& block) {
  return {{{stem, 2 * stem, block},
           {2 * stem, 4 * stem, block},
           {4 * stem, 8 * stem, block},
           {8 * stem, 12 * stem, block},
           {12 * stem, 16 * stem, block}}};
}
constexpr std::array<StageSetting, 5> kWStages = P6Stages(64, Elan(0.5, 2));
constexpr std::array<StageSetting, 5> kEStages = P6Stages(80, Elan(0.4, 3));
constexpr std::array<StageSetting, 5> kDStages = P6Stages(96, Elan(1.0 / 3, 4));
constexpr std::array<StageSetting, 5> kE2eStages = P6Stages(80, Eelan(0.4, 3, 2));

struct ArchSetting {
  const char* name;
  Arch arch;
  std::span<const StageSetting> stages;
};

constexpr std::array<ArchSetting, 7> kArchs = {{{"Tiny", Arch::kTiny, kTinyStages},
                                                {"L", Arch::kL, kLStages},
                                                {"X", Arch::kX, kXStages},
                                                {"W", Arch::kW, kWStages},
                                                {"E", Arch::kE, kEStages},
                                                {"D", Arch::kD, kDStages},
                                                {"E2E", Arch::kE2e, kE2eStages}}};

const ArchSetting& ReadArch(const ConfigNode& config) {
  const std::string name = config.Get("arch", std::string("L"));
  std::vector<std::string> known;
  for (const ArchSetting& setting : kArchs) {
    if (setting.name == name) return setting;
    known.emplace_back(setting.name);
  }
  config["arch"].Fail("unknown arch " + base::Quote(name), "known are " + base::JoinText(known));
}

Value Stem(const Weights& w, Value x, Arch arch, double channels, const Style& style) {
  const auto full = static_cast<std::int64_t>(channels);
  const auto half = static_cast<std::int64_t>(std::floor(channels / 2));
  switch (arch) {
    case Arch::kTiny:
      x = ConvModule(w[std::size_t{0}], x, {.out_channels = half, .kernel = 3, .stride = 2}, style);
      return ConvModule(w[1], x, {.out_channels = full, .kernel = 3, .stride = 2}, style);
    case Arch::kL:
    case Arch::kX:
      x = ConvModule(w[std::size_t{0}], x, {.out_channels = half, .kernel = 3}, style);
      x = ConvModule(w[1], x, {.out_channels = full, .kernel = 3, .stride = 2}, style);
      return ConvModule(w[2], x, {.out_channels = full, .kernel = 3}, style);
    default:
      return nn::Focus(w, x, {.out_channels = full, .kernel = 3}, style);
  }
}

// What halves height and width in front of a stage's block; `w` is its place in the stage's
// Sequential. The first stage of the tiny size has none.
Value Downsample(const Weights& w, Value x, Arch arch, std::size_t stage, std::int64_t out_channels,
                 const Style& style) {
  switch (arch) {
    case Arch::kTiny: {
      const graph::NameScope scope(x.graph(), w.prefix());
      return graph::MaxPool(x, 2, 2, 0);
    }
    case Arch::kL:
    case Arch::kX:
      if (stage > 0) return MaxPoolAndStrideConvBlock(w, x, {.out_channels = x.dim(1)}, style);
      return ConvModule(w, x, {.out_channels = out_channels / 2, .kernel = 3, .stride = 2}, style);
    case Arch::kW:
      return ConvModule(w, x, {.out_channels = out_channels, .kernel = 3, .stride = 2}, style);
    default:
      return MaxPoolAndStrideConvBlock(
          w, x, {.out_channels = out_channels, .use_in_channels_of_middle = true}, style);
  }
}

std::vector<Value> Yolov7Backbone(const ConfigNode& config, const Weights& w, Value image) {
  const ArchSetting& setting = ReadArch(config);
  const double widen = ReadFactor(config, "widen_factor");
  const Style style = ReadStyle(config, kYoloStyle);
  config.Ignore({"deepen_factor"});  // the blocks' numbers are fixed
  const auto stem = [&](const Weights& weights, Value x) {
    return Stem(weights, x, setting.arch, setting.stages[0].in_channels * widen, style);
  };
  const auto stage = [&](const Weights& weights, Value x, std::size_t index) {
    const StageSetting& row = setting.stages[index];
    const std::int64_t channels = Scaled(row.out_channels, widen);
    std::size_t at = 0;
    if (setting.arch != Arch::kTiny || index > 0) {
      x = Downsample(weights[at++], x, setting.arch, index, channels, style);
    }
    return Stage{Block(weights[at], x, channels, row.block, style), at + 1};
  };
  return RunStages(config, w, image, setting.stages.size(), stem, stage);
}

// --- neck ---

BlockSpec ReadBlock(const ConfigNode& config) {
  const auto block = config.Find("block_cfg");
  if (!block) return {BlockSpec::Kind::kElan, 0.5, 0.25, 4, 1};
  RequireType(*block, {"ELANBlock", "EELANBlock", "TinyDownSampleBlock"});
  const std::string type = WithoutScope((*block)["type"].AsString());
  block->Ignore({"init_cfg"});
  BlockSpec spec;
  if (type == "TinyDownSampleBlock") {
    spec.kind = BlockSpec::Kind::kTinyDownSample;
    spec.middle_ratio = block->Get("middle_ratio", 1.0);
    spec.kernel_size = block->Get("kernel_sizes", std::int64_t{3});
    return spec;
  }
  spec.middle_ratio = (*block)["middle_ratio"].AsDouble();
  spec.block_ratio = (*block)["block_ratio"].AsDouble();
  spec.num_blocks = block->Get("num_blocks", std::int64_t{2});
  spec.num_convs_in_block = block->Get("num_convs_in_block", std::int64_t{1});
  if (type == "EELANBlock") {
    spec.kind = BlockSpec::Kind::kEelan;
    spec.num_elan_blocks = (*block)["num_elan_block"].AsInt();
  }
  return spec;
}

struct NeckSpec {
  std::vector<std::int64_t> out_channels;
  BlockSpec block;
  Style block_style, style;
  double spp_expand_ratio = 0.5;
  bool is_tiny_version = false;
  bool use_maxpool_in_downsample = true;
  bool use_in_channels_in_downsample = false;
  bool use_repconv_outs = true;
};

NeckSpec ReadNeck(const ConfigNode& config, const std::vector<Value>& features) {
  const double widen = ReadFactor(config, "widen_factor");
  const std::size_t levels = features.size();
  RequireChannels(config, ReadScaledChannels(config, "in_channels", widen, levels), features);
  NeckSpec spec;
  spec.out_channels = ReadScaledChannels(config, "out_channels", widen, levels);
  spec.style = ReadStyle(config, kYoloStyle);
  spec.block = ReadBlock(config);
  spec.block_style = spec.style;
  if (const auto block = config.Find("block_cfg")) spec.block_style = ReadStyle(*block, spec.style);
  spec.spp_expand_ratio = config.Get("spp_expand_ratio", 0.5);
  spec.is_tiny_version = config.Get("is_tiny_version", false);
  spec.use_maxpool_in_downsample = config.Get("use_maxpool_in_downsample", true);
  spec.use_in_channels_in_downsample = config.Get("use_in_channels_in_downsample", false);
  spec.use_repconv_outs = config.Get("use_repconv_outs", true);
  config.Ignore({"deepen_factor", "freeze_all", "init_cfg"});
  return spec;
}

std::vector<Value> Yolov7Pafpn(const ConfigNode& config, const Weights& w,
                               const std::vector<Value>& features) {
  const NeckSpec spec = ReadNeck(config, features);
  const auto& out = spec.out_channels;
  const Style& style = spec.style;
  PafpnLayers layers;
  layers.upsample_feats_cat_first = config.Get("upsample_feats_cat_first", false);
  layers.reduce = [&](const Weights& weights, Value x, std::size_t index) {
    if (index + 1 < out.size()) return ConvModule(weights, x, {.out_channels = out[index]}, style);
    return nn::SppfCspBlock(weights, x,
                            {.out_channels = out[index],
                             .expand_ratio = spec.spp_expand_ratio,
                             .is_tiny_version = spec.is_tiny_version},
                            style);
  };
  layers.upsample = [&](const Weights& weights, Value x, std::size_t index) {
    const graph::NameScope scope(x.graph(), weights.prefix());
    return graph::Upsample(
        ConvModule(weights[std::size_t{0}], x, {.out_channels = out[index - 1]}, style), 2);
  };
  layers.top_down = [&](const Weights& weights, Value x, std::size_t index) {
    return Block(weights, x, out[index - 1], spec.block, spec.block_style);
  };
  layers.downsample = [&](const Weights& weights, Value x, std::size_t index) {
    const std::int64_t channels = out[index + 1];
    if (!spec.use_maxpool_in_downsample || spec.is_tiny_version) {
      return ConvModule(weights, x, {.out_channels = channels, .kernel = 3, .stride = 2}, style);
    }
    return MaxPoolAndStrideConvBlock(
        weights, x,
        {.out_channels = channels, .use_in_channels_of_middle = spec.use_in_channels_in_downsample},
        style);
  };
  layers.bottom_up = [&](const Weights& weights, Value x, std::size_t index) {
    return Block(weights, x, out[index + 1], spec.block, spec.block_style);
  };
  layers.out = [&](const Weights& weights, Value x, std::size_t index) {
    if (out.size() == 4) return x;  // P6
    const std::int64_t channels = 2 * out[index];
    return spec.use_repconv_outs
               ? nn::RepVggBlock(weights, x, {.out_channels = channels}, style)
               : ConvModule(weights, x, {.out_channels = channels, .kernel = 3}, style);
  };
  return Pafpn(w, features, layers);
}

// --- head ---

// A list of `levels` widths, or MMYOLO's default, which widen_factor does not scale.
std::vector<std::int64_t> ReadMainChannels(const ConfigNode& module, std::size_t levels) {
  std::vector<std::int64_t> channels = {256, 512, 768, 1024};
  if (const auto list = module.Find("main_out_channels")) channels = list->AsInts();
  RequireLevels(module, channels.size(), levels);
  return channels;
}

// YOLOv7HeadModule; with `kP6` YOLOv7p6HeadModule.
template <bool kP6>
void Yolov7HeadModule(const ConfigNode& module, const Weights& w,
                      const std::vector<Value>& features, std::int64_t out_channels,
                      const std::function<void(AnchorLevel)>& add) {
  const double widen = ReadFactor(module, "widen_factor");
  RequireChannels(module, ReadChannels(module, "in_channels", widen, features.size()), features);
  Style style;
  std::vector<std::int64_t> main_channels;
  if (kP6) {
    style = ReadStyle(module, kYoloStyle);
    main_channels = ReadMainChannels(module, features.size());
    module.Ignore({"use_aux", "aux_out_channels"});
    w.Ignore("aux_convs_pred");  // branches for training
  }
  for (std::size_t i = 0; i < features.size(); ++i) {
    const Weights level = w[kP6 ? "main_convs_pred" : "convs_pred"][i];
    std::size_t at = 0;
    Value x = features[i];
    if (kP6) {
      x = ConvModule(level[at++], x, {.out_channels = main_channels[i], .kernel = 3}, style);
    }
    nn::FoldedConv conv = nn::TakeImplicitConv(level, at, x.dim(1), out_channels);
    add({x, std::move(conv), level[at + 1].prefix()});
  }
}

graph::HeadOutput Yolov7Head(const ConfigNode& config, const Weights& w,
                             const std::vector<Value>& features, graph::HeadMode mode) {
  config.Ignore(
      {"simota_candidate_topk", "simota_iou_weight", "simota_cls_weight", "aux_loss_weights"});
  return BuildAnchorHead(config, w, features, mode, "yolov7");
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {
    {{"YOLOv7Backbone", Yolov7Backbone}}};
constexpr std::array<Component<NeckFunction>, 1> kNecks = {{{"YOLOv7PAFPN", Yolov7Pafpn}}};
constexpr std::array<Component<HeadFunction>, 1> kHeads = {{{"YOLOv7Head", Yolov7Head}}};
constexpr std::array<Component<AnchorModuleFunction>, 2> kModules = {
    {{"YOLOv7HeadModule", Yolov7HeadModule<false>},
     {"YOLOv7p6HeadModule", Yolov7HeadModule<true>}}};

}  // namespace

const Family kYolov7 = {kBackbones, kNecks, kHeads, {}, kModules};

}  // namespace yoloport::models
