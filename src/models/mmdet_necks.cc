// Necks of MMDetection that MMYOLO's guides put beside its own.
#include <array>

#include "models/config_reading.h"
#include "models/families.h"
#include "models/style_reading.h"
#include "nn/conv_module.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;

constexpr nn::Style kStyle = {{nn::NormKind::kNone}, {nn::ActivationKind::kRelu}};

// `bias`: 'auto' is a bias where there is no norm.
bool HasBiasBesideNorm(const ConfigNode& config, const nn::Style& style) {
  const auto bias = config.Find("bias");
  if (!bias || bias->IsString()) return false;
  if (!bias->AsBool() && style.norm.kind == nn::NormKind::kNone) {
    bias->Fail("convolutions with neither bias nor norm are not supported");
  }
  return bias->AsBool();
}

// A convolution a level to the same width; where `num_outs` asks for more levels, each of these is
// a convolution of stride 2 on the one before it, the first on the last input.
std::vector<Value> ChannelMapper(const ConfigNode& config, const Weights& w,
                                 const std::vector<Value>& features) {
  const std::vector<std::int64_t> channels = config["in_channels"].AsInts();
  RequireLevels(config, channels.size(), features.size());
  RequireChannels(config, channels, features);
  RequireNoConvCfg(config);
  config.Ignore({"init_cfg"});
  const nn::Style style = ReadStyle(config, kStyle);
  const auto inputs = static_cast<std::int64_t>(channels.size());
  constexpr base::Range kSizes = {1, 31};
  constexpr base::Range kLevels = {1, 16};
  nn::ConvModuleSpec spec = {.out_channels = config["out_channels"].AsInt(),
                             .kernel = WholeNumberIn(config, "kernel_size", 3, kSizes),
                             .bias_with_norm = HasBiasBesideNorm(config, style)};
  spec.padding = (spec.kernel - 1) / 2;
  const std::int64_t outputs = WholeNumberIn(config, "num_outs", inputs, kLevels);
  std::vector<Value> outs;
  for (std::size_t i = 0; i < features.size(); ++i) {
    outs.push_back(nn::ConvModule(w["convs"][i], features[i], spec, style));
  }
  spec.kernel = 3;
  spec.stride = 2;
  spec.padding = 1;
  for (std::int64_t i = inputs; i < outputs; ++i) {
    const Value from = i == inputs ? features.back() : outs.back();
    const auto at = static_cast<std::size_t>(i - inputs);
    outs.push_back(nn::ConvModule(w["extra_convs"][at], from, spec, style));
  }
  return outs;
}

constexpr std::array<Component<NeckFunction>, 1> kNecks = {{{"ChannelMapper", ChannelMapper}}};

}  // namespace

const Family kMmdetNecks = {{}, kNecks, {}};

}  // namespace yoloport::models
