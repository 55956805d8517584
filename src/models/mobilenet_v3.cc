// MMPretrain's MobileNetV3: inverted residual blocks by a table of its sizes.
#include <algorithm>
#include <array>
#include <span>
#include <string>

#include "base/text.h"
#include "graph/ops.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/style_reading.h"
#include "nn/conv_module.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using nn::ActivationKind;
using nn::ConvModule;
using nn::NormKind;
using nn::Style;

constexpr std::int64_t kStemChannels = 16;
constexpr ActivationKind kRelu = ActivationKind::kRelu;
constexpr ActivationKind kHswish = ActivationKind::kHardSwish;

struct BlockSetting {
  std::int64_t kernel, mid_channels, out_channels;
  bool with_se;
  ActivationKind act;
  std::int64_t stride;
};

constexpr std::array<BlockSetting, 11> kSmall = {{{3, 16, 16, true, kRelu, 2},
                                                  {3, 72, 24, false, kRelu, 2},
                                                  {3, 88, 24, false, kRelu, 1},
                                                  {5, 96, 40, true, kHswish, 2},
                                                  {5, 240, 40, true, kHswish, 1},
                                                  {5, 240, 40, true, kHswish, 1},
                                                  {5, 120, 48, true, kHswish, 1},
                                                  {5, 144, 48, true, kHswish, 1},
                                                  {5, 288, 96, true, kHswish, 2},
                                                  {5, 576, 96, true, kHswish, 1},
                                                  {5, 576, 96, true, kHswish, 1}}};
constexpr std::array<BlockSetting, 11> kSmall075 = {{{3, 16, 16, true, kRelu, 2},
                                                     {3, 72, 24, false, kRelu, 2},
                                                     {3, 88, 24, false, kRelu, 1},
                                                     {5, 96, 32, true, kHswish, 2},
                                                     {5, 192, 32, true, kHswish, 1},
                                                     {5, 192, 32, true, kHswish, 1},
                                                     {5, 96, 40, true, kHswish, 1},
                                                     {5, 120, 40, true, kHswish, 1},
                                                     {5, 240, 72, true, kHswish, 2},
                                                     {5, 432, 72, true, kHswish, 1},
                                                     {5, 432, 72, true, kHswish, 1}}};
constexpr std::array<BlockSetting, 11> kSmall050 = {{{3, 16, 8, true, kRelu, 2},
                                                     {3, 40, 16, false, kRelu, 2},
                                                     {3, 56, 16, false, kRelu, 1},
                                                     {5, 64, 24, true, kHswish, 2},
                                                     {5, 144, 24, true, kHswish, 1},
                                                     {5, 144, 24, true, kHswish, 1},
                                                     {5, 72, 24, true, kHswish, 1},
                                                     {5, 72, 24, true, kHswish, 1},
                                                     {5, 144, 48, true, kHswish, 2},
                                                     {5, 288, 48, true, kHswish, 1},
                                                     {5, 288, 48, true, kHswish, 1}}};
constexpr std::array<BlockSetting, 15> kLarge = {{{3, 16, 16, false, kRelu, 1},
                                                  {3, 64, 24, false, kRelu, 2},
                                                  {3, 72, 24, false, kRelu, 1},
                                                  {5, 72, 40, true, kRelu, 2},
                                                  {5, 120, 40, true, kRelu, 1},
                                                  {5, 120, 40, true, kRelu, 1},
                                                  {3, 240, 80, false, kHswish, 2},
                                                  {3, 200, 80, false, kHswish, 1},
                                                  {3, 184, 80, false, kHswish, 1},
                                                  {3, 184, 80, false, kHswish, 1},
                                                  {3, 480, 112, true, kHswish, 1},
                                                  {3, 672, 112, true, kHswish, 1},
                                                  {5, 672, 160, true, kHswish, 2},
                                                  {5, 960, 160, true, kHswish, 1},
                                                  {5, 960, 160, true, kHswish, 1}}};

std::span<const BlockSetting> ReadArch(const ConfigNode& config) {
  const std::string arch = config.Get("arch", "small");
  if (arch == "small") return kSmall;
  if (arch == "small_075") return kSmall075;
  if (arch == "small_050") return kSmall050;
  if (arch == "large") return kLarge;
  config["arch"].Fail("unknown arch " + base::Quote(arch),
                      "known are small, small_075, small_050 and large");
}

// MMPretrain's make_divisible: to the nearest multiple of 8, but not below 90 %.
std::int64_t NearestMultiple(std::int64_t channels) {
  constexpr std::int64_t kDivisor = 8;
  const std::int64_t rounded = std::max(kDivisor, (channels + kDivisor / 2) / kDivisor * kDivisor);
  return 10 * rounded < 9 * channels ? rounded + kDivisor : rounded;
}

// x times a weight a channel, of its mean: `conv1`, ReLU, `conv2`, HSigmoid.
Value SeLayer(const Weights& w, Value x) {
  const std::int64_t channels = x.dim(1);
  const graph::NameScope scope(x.graph(), w.prefix());
  Value y = graph::GlobalAveragePool(x);
  y = ConvModule(w["conv1"], y, {.out_channels = NearestMultiple(channels / 4)},
                 {{NormKind::kNone}, {kRelu}});
  y = ConvModule(w["conv2"], y, {.out_channels = channels},
                 {{NormKind::kNone}, {ActivationKind::kHardSigmoid}});
  return x * y;
}

Value InvertedResidual(const Weights& w, Value x, const BlockSetting& setting,
                       const nn::NormSpec& norm) {
  const Style style = {norm, {setting.act}};
  const std::int64_t middle = setting.mid_channels;
  Value y = x;
  if (middle != x.dim(1)) y = ConvModule(w["expand_conv"], y, {.out_channels = middle}, style);
  y = ConvModule(w["depthwise_conv"], y,
                 {.out_channels = middle,
                  .kernel = setting.kernel,
                  .stride = setting.stride,
                  .groups = middle},
                 style);
  if (setting.with_se) y = SeLayer(w["se"], y);
  y = ConvModule(w["linear_conv"], y, {.out_channels = setting.out_channels},
                 nn::WithoutActivation(style));
  if (setting.stride != 1 || x.dim(1) != setting.out_channels) return y;
  const graph::NameScope scope(x.graph(), w.prefix());
  return x + y;
}

std::vector<Value> MobileNetV3(const ConfigNode& config, const Weights& w, Value image) {
  const std::span<const BlockSetting> settings = ReadArch(config);
  RequireImageChannels(config, "in_channels", image);
  RequireNoConvCfg(config);
  const nn::NormSpec norm = ReadNorm(config, {NormKind::kBatch, 1e-3});
  config.Ignore({"frozen_stages", "norm_eval", "with_cp", "init_cfg"});
  const auto last = static_cast<std::int64_t>(settings.size()) + 1;
  const std::vector<std::int64_t> wanted = ReadOutIndices(config, {last}, 0, last);
  const Style style = {norm, {kHswish}};
  std::vector<Value> features;
  Value x = image;
  for (std::int64_t i = 0; i <= last; ++i) {
    const Weights layer = w["layer" + std::to_string(i)];
    if (i == 0) {
      x = ConvModule(layer, x, {.out_channels = kStemChannels, .kernel = 3, .stride = 2}, style);
    } else if (i == last) {
      x = ConvModule(layer, x, {.out_channels = settings.back().mid_channels}, style);
    } else {
      x = InvertedResidual(layer, x, settings[static_cast<std::size_t>(i - 1)], norm);
    }
    if (std::find(wanted.begin(), wanted.end(), i) != wanted.end()) features.push_back(x);
  }
  return features;
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {{{"MobileNetV3", MobileNetV3}}};

}  // namespace

const Family kMobileNetV3 = {kBackbones, {}, {}};

}  // namespace yoloport::models
