#include "models/config_reading.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "base/text.h"
#include "models/limits.h"

namespace yoloport::models {
namespace {

using base::KnownHint;
using base::Quote;
using base::Range;
using config::ConfigNode;

// As static_cast, for values that a config may make as large as it likes: no weight has as many.
std::int64_t ToWhole(double value) {
  constexpr double kMost = 1LL << 40;
  if (std::isnan(value)) return 0;
  return static_cast<std::int64_t>(std::clamp(value, -kMost, kMost));
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

std::string ScopeOf(const std::string& type) {
  const std::size_t dot = type.find('.');
  return dot == std::string::npos ? "" : type.substr(0, dot);
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
