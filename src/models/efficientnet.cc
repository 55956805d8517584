// timm's EfficientNet as MMPretrain's TIMMBackbone wraps it: one network in sizes from b0 to b8,
// each with more channels and more blocks.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/text.h"
#include "graph/ops.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "nn/conv_module.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using nn::ConvAndNorm;
using nn::NormSpec;

struct Size {
  const char* name;
  double width, depth;  // factors of channels and of blocks
};
constexpr std::array<Size, 9> kSizes = {{{"efficientnet_b0", 1.0, 1.0},
                                         {"efficientnet_b1", 1.0, 1.1},
                                         {"efficientnet_b2", 1.1, 1.2},
                                         {"efficientnet_b3", 1.2, 1.4},
                                         {"efficientnet_b4", 1.4, 1.8},
                                         {"efficientnet_b5", 1.6, 2.2},
                                         {"efficientnet_b6", 1.8, 2.6},
                                         {"efficientnet_b7", 2.0, 3.1},
                                         {"efficientnet_b8", 2.2, 3.6}}};

struct Stage {
  std::int64_t blocks, kernel, stride, expansion;
  double channels;
  bool is_feature;  // the last one of its stride
};
constexpr double kStemChannels = 32;
constexpr std::array<Stage, 7> kStages = {{{1, 3, 1, 1, 16, true},
                                           {2, 3, 2, 6, 24, true},
                                           {2, 5, 2, 6, 40, true},
                                           {3, 3, 2, 6, 80, false},
                                           {3, 5, 1, 6, 112, true},
                                           {4, 5, 2, 6, 192, false},
                                           {1, 3, 1, 6, 320, true}}};
constexpr std::int64_t kFeatures = 5;

// `model_name`, perhaps with the name of pretrained weights behind a dot.
const Size& ReadSize(const ConfigNode& config) {
  const ConfigNode node = config["model_name"];
  const std::string& text = node.AsString();
  const std::string name = text.substr(0, text.find('.'));
  std::vector<std::string> known;
  for (const Size& size : kSizes) {
    if (name == size.name) return size;
    known.emplace_back(size.name);
  }
  node.Fail("timm's " + base::Quote(text) + " is not supported", base::KnownHint(name, known));
}

// timm's round_channels: to the nearest multiple of 8, but not below 90 %.
std::int64_t RoundChannels(double channels) {
  constexpr std::int64_t kDivisor = 8;
  const std::int64_t nearest = static_cast<std::int64_t>(channels + kDivisor / 2.0) / kDivisor;
  const std::int64_t rounded = std::max<std::int64_t>(nearest, 1) * kDivisor;
  return static_cast<double>(rounded) < 0.9 * channels ? rounded + kDivisor : rounded;
}

Value Silu(Value x) { return nn::Activate(x, {nn::ActivationKind::kSilu}); }

// x times a weight a channel, of its mean, by way of `reduced` channels.
Value SqueezeExcite(const Weights& w, Value x, std::int64_t reduced) {
  const graph::NameScope scope(x.graph(), w.prefix());
  Value y = nn::Conv2d(w["conv_reduce"], graph::GlobalAveragePool(x), reduced);
  y = nn::Conv2d(w["conv_expand"], Silu(y), x.dim(1));
  return x * graph::Sigmoid(y);
}

// InvertedResidual, or DepthwiseSeparableConv where nothing is expanded: that has a layer less, and
// other names for the rest.
Value Block(const Weights& w, Value x, const Stage& stage, std::int64_t stride,
            std::int64_t out_channels, const NormSpec& norm) {
  const std::int64_t in_channels = x.dim(1);
  const std::int64_t middle = in_channels * stage.expansion;
  const bool expands = stage.expansion > 1;
  Value y = x;
  if (expands) {
    y = Silu(ConvAndNorm(w["conv_pw"], w["bn1"], y, {.out_channels = middle}, norm));
  }
  y = Silu(ConvAndNorm(
      w["conv_dw"], w[expands ? "bn2" : "bn1"], y,
      {.out_channels = middle, .kernel = stage.kernel, .stride = stride, .groups = middle}, norm));
  y = SqueezeExcite(w["se"], y,
                    std::llround(0.25 * static_cast<double>(in_channels)));  // of what comes in
  y = ConvAndNorm(w[expands ? "conv_pwl" : "conv_pw"], w[expands ? "bn3" : "bn2"], y,
                  {.out_channels = out_channels}, norm);
  return stride == 1 && in_channels == out_channels ? y + x : y;
}

// What TIMMBackbone hands on to timm.
void ReadTimmArguments(const ConfigNode& config) {
  if (!config.Get("features_only", false)) {
    config.Fail("the backbone gives one map for a classifier, not one a level",
                "set features_only=True");
  }
  if (config.Get("output_stride", std::int64_t{32}) != 32) {
    config["output_stride"].Fail("other output strides than 32 are not supported");
  }
  config.Ignore({"pretrained", "checkpoint_path", "init_cfg", "drop_rate", "drop_path_rate",
                 "frozen_stages", "norm_eval", "num_classes", "bn_momentum"});
}

std::vector<Value> TimmBackbone(const ConfigNode& config, const Weights& wrapper, Value image) {
  const Size& size = ReadSize(config);
  ReadTimmArguments(config);
  RequireImageChannels(config, "in_channels", image);
  const std::vector<std::int64_t> wanted =
      ReadOutIndices(config, {0, 1, 2, 3, 4}, 0, kFeatures - 1);
  const NormSpec norm = {.eps = NumberIn(config, "bn_eps", 1e-5, {0, 1})};
  const Weights w = wrapper["timm_model"];
  const auto widened = [&](double channels) { return RoundChannels(channels * size.width); };
  Value x =
      Silu(ConvAndNorm(w["conv_stem"], w["bn1"], image,
                       {.out_channels = widened(kStemChannels), .kernel = 3, .stride = 2}, norm));
  std::vector<Value> features;
  std::int64_t feature = 0;
  for (std::size_t i = 0; i < kStages.size(); ++i) {
    const Stage& stage = kStages[i];
    const double blocks = std::ceil(static_cast<double>(stage.blocks) * size.depth);
    for (std::size_t at = 0; at < static_cast<std::size_t>(blocks); ++at) {
      const Weights block = w["blocks"][i][at];
      const graph::NameScope scope(x.graph(), block.prefix());
      x = Block(block, x, stage, at == 0 ? stage.stride : 1, widened(stage.channels), norm);
    }
    if (!stage.is_feature) continue;
    if (std::find(wanted.begin(), wanted.end(), feature++) != wanted.end()) features.push_back(x);
  }
  return features;
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {
    {{"TIMMBackbone", TimmBackbone}}};

}  // namespace

const Family kEfficientNet = {kBackbones, {}, {}};

}  // namespace yoloport::models
