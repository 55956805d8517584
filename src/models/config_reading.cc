#include "models/config_reading.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "base/text.h"
#include "models/limits.h"

namespace yoloport::models {
namespace {

using base::KnownHint;
using base::Quote;
using base::Range;
using config::ConfigNode;
using nn::ActivationKind;
using nn::Style;

// The names that configs give to activations.
const std::map<std::string, ActivationKind, std::less<>>& ActivationNames() {
  static const std::map<std::string, ActivationKind, std::less<>> names = {
      {"ReLU", ActivationKind::kRelu},
      {"LeakyReLU", ActivationKind::kLeakyRelu},
      {"SiLU", ActivationKind::kSilu},
      {"Swish", ActivationKind::kSilu},
      {"Sigmoid", ActivationKind::kSigmoid},
      {"HSigmoid", ActivationKind::kHardSigmoid},
      {"Hardsigmoid", ActivationKind::kHardSigmoid},
      {"HSwish", ActivationKind::kHardSwish},
      {"Hardswish", ActivationKind::kHardSwish},
      {"Tanh", ActivationKind::kTanh},
      {"GELU", ActivationKind::kGelu},
      {"Mish", ActivationKind::kMish},
  };
  return names;
}

// As static_cast, for values that a config may make as large as it likes: no weight has as many.
std::int64_t ToWhole(double value) {
  constexpr double kMost = 1LL << 40;
  if (std::isnan(value)) return 0;
  return static_cast<std::int64_t>(std::clamp(value, -kMost, kMost));
}

nn::NormSpec ReadNorm(const ConfigNode& norm) {
  if (norm.IsNone()) return {.present = false};
  const std::string type = WithoutScope(norm["type"].AsString());
  if (type != "BN" && type != "BN2d" && type != "SyncBN" && type != "MMSyncBN" &&
      type != "BatchNorm2d") {
    norm["type"].Fail(
        "unknown norm " + Quote(type),
        KnownHint(type, std::vector<std::string>{"BN", "BN2d", "SyncBN", "MMSyncBN"}));
  }
  norm.Ignore({"momentum", "requires_grad"});
  return {.present = true, .eps = NumberIn(norm, "eps", 1e-5, base::kNormEpsRange)};
}

}  // namespace

double ReadFactor(const ConfigNode& config, std::string_view key) {
  const double factor = config.Get(key, 1.0);
  if (!(factor > 0 && factor <= kMaxFactor)) {
    config[key].Fail("must be more than 0 and at most " +
                     std::to_string(static_cast<int>(kMaxFactor)));
  }
  return factor;
}

double NumberIn(const ConfigNode& node, const Range& range) {
  const double number = node.AsDouble();
  if (range.Holds(number)) return number;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "must be from %g to %g, not %g", range.low, range.high,
                number);
  node.Fail(text.data());
}

double NumberIn(const ConfigNode& config, std::string_view key, double fallback,
                const Range& range) {
  const auto node = config.Find(key);
  return node && !node->IsNone() ? NumberIn(*node, range) : fallback;
}

std::int64_t WholeNumberIn(const ConfigNode& config, std::string_view key, std::int64_t fallback,
                           const Range& range) {
  const std::int64_t number = config.Get(key, fallback);
  if (number != fallback) NumberIn(config[key], range);
  return number;
}

std::int64_t MakeDivisible(double channels, double widen_factor, std::int64_t divisor) {
  return ToWhole(std::ceil(channels * widen_factor / static_cast<double>(divisor))) * divisor;
}

std::int64_t MakeRound(std::int64_t blocks, double deepen_factor) {
  if (blocks <= 1) return blocks;
  return std::max<std::int64_t>(1, RoundHalfEven(static_cast<double>(blocks) * deepen_factor));
}

std::int64_t Scaled(double channels, double factor) { return ToWhole(channels * factor); }

std::int64_t RoundHalfEven(double value) { return ToWhole(std::nearbyint(value)); }

nn::Activation ReadActivation(const ConfigNode& act) {
  if (act.IsNone()) return {ActivationKind::kNone};
  const ConfigNode type = act["type"];
  const std::string name = WithoutScope(type.AsString());
  const auto& names = ActivationNames();
  const auto found = names.find(name);
  if (found == names.end()) {
    std::vector<std::string> known;
    for (const auto& [each, kind] : names) known.push_back(each);
    type.Fail("unknown activation " + Quote(name), KnownHint(name, known));
  }
  act.Ignore({"inplace"});
  return {found->second, NumberIn(act, "negative_slope", 0.01, base::kSlopeRange)};
}

Style ReadStyle(const ConfigNode& config, const Style& defaults) {
  Style style = defaults;
  if (const auto norm = config.Find("norm_cfg")) style.norm = ReadNorm(*norm);
  if (const auto act = config.Find("act_cfg")) style.act = ReadActivation(*act);
  return style;
}

namespace {

// The list under `key`, or its one number for each of `levels` levels, as it stands.
std::vector<std::int64_t> ReadPerLevel(const ConfigNode& config, std::string_view key,
                                       std::size_t levels) {
  const ConfigNode node = config[key];
  std::vector<std::int64_t> channels;
  if (node.IsInt()) {
    channels.assign(levels, node.AsInt());
  } else {
    channels = node.AsInts();
  }
  if (channels.size() != levels) {
    node.Fail("needs " + std::to_string(levels) + " entries, one a level, but has " +
              std::to_string(channels.size()));
  }
  return channels;
}

}  // namespace

std::vector<std::int64_t> ReadChannels(const ConfigNode& config, std::string_view key,
                                       double widen_factor, std::size_t levels) {
  std::vector<std::int64_t> channels = ReadPerLevel(config, key, levels);
  for (std::int64_t& count : channels)
    count = MakeDivisible(static_cast<double>(count), widen_factor);
  return channels;
}

std::vector<std::int64_t> ReadScaledChannels(const ConfigNode& config, std::string_view key,
                                             double widen_factor, std::size_t levels) {
  std::vector<std::int64_t> channels = ReadPerLevel(config, key, levels);
  for (std::int64_t& count : channels) count = Scaled(static_cast<double>(count), widen_factor);
  return channels;
}

int ReadNumClasses(const ConfigNode& head_module) {
  const ConfigNode node = head_module["num_classes"];
  const std::int64_t count = node.AsInt();
  if (count < 1) node.Fail("needs at least one class");
  if (count > kMaxClasses) {
    node.Fail("more than " + std::to_string(kMaxClasses) + " classes are not supported");
  }
  return static_cast<int>(count);
}

std::string WithoutScope(const std::string& type) { return type.substr(type.rfind('.') + 1); }

void RequireType(const ConfigNode& config, std::initializer_list<std::string_view> known) {
  const ConfigNode type = config["type"];
  const std::string name = WithoutScope(type.AsString());
  if (std::find(known.begin(), known.end(), name) != known.end()) return;
  const std::vector<std::string> names(known.begin(), known.end());
  type.Fail("unknown type " + Quote(name) + " here", KnownHint(name, names));
}

void RequireNoConvCfg(const ConfigNode& config) {
  const auto conv = config.Find("conv_cfg");
  if (conv && !conv->IsNone())
    conv->Fail("other convolutions than the plain one are not supported");
}

void RequireChannels(const ConfigNode& config, const std::vector<std::int64_t>& channels,
                     const std::vector<graph::Value>& features) {
  for (std::size_t i = 0; i < channels.size(); ++i) {
    if (channels[i] == features[i].dim(1)) continue;
    config.Fail("level " + std::to_string(i) + " is made for " + std::to_string(channels[i]) +
                " channels but gets " + std::to_string(features[i].dim(1)));
  }
}

void RequireLevels(const ConfigNode& config, std::size_t expected, std::size_t actual) {
  if (expected == actual) return;
  config.Fail("is made for " + std::to_string(expected) + " feature levels but gets " +
              std::to_string(actual));
}

}  // namespace yoloport::models
