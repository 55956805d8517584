// Reading the dicts of a config: numbers in their ranges, channels, types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/model_ranges.h"
#include "config/config.h"
#include "graph/graph.h"

namespace yoloport::models {

// `widen_factor` or `deepen_factor`, 1 where the config gives none. Throws ConfigError unless it is
// more than 0 and at most kMaxFactor.
double ReadFactor(const config::ConfigNode& config, std::string_view key);

// The number at `node`. Throws ConfigError there unless it lies in `range`.
double NumberIn(const config::ConfigNode& node, const base::Range& range);

// The same for a key that may be missing or None.
double NumberIn(const config::ConfigNode& config, std::string_view key, double fallback,
                const base::Range& range);

// The same for whole numbers.
std::int64_t WholeNumberIn(const config::ConfigNode& config, std::string_view key,
                           std::int64_t fallback, const base::Range& range);

// mmyolo's make_divisible: channels times the factor, up to the next multiple of `divisor`.
std::int64_t MakeDivisible(double channels, double widen_factor, std::int64_t divisor = 8);

// mmyolo's make_round: a number of blocks times the factor, at least 1; 1 and 0 stay as they are.
std::int64_t MakeRound(std::int64_t blocks, double deepen_factor);

// Python's int(channels * factor).
std::int64_t Scaled(double channels, double factor);

// Python's round(): halves to the even neighbour.
std::int64_t RoundHalfEven(double value);

// The list under `key`, each entry by make_divisible; or one number for `levels` levels.
std::vector<std::int64_t> ReadChannels(const config::ConfigNode& config, std::string_view key,
                                       double widen_factor, std::size_t levels);

// The same, but each entry by Python's int(channels * factor): not rounded to multiples of 8.
std::vector<std::int64_t> ReadScaledChannels(const config::ConfigNode& config, std::string_view key,
                                             double widen_factor, std::size_t levels);

// `num_classes`, which must be positive.
int ReadNumClasses(const config::ConfigNode& head_module);

// `type` of a sub-component must be one of `known` (without the package's prefix); else an error
// names them.
void RequireType(const config::ConfigNode& config, std::initializer_list<std::string_view> known);

// `conv_cfg` must not be given: every convolution is the plain one.
void RequireNoConvCfg(const config::ConfigNode& config);

// The package's prefix of a name, "mmdet" of "mmdet.Pad"; "" without one.
std::string ScopeOf(const std::string& type);

// The last component of a type, which decides everywhere: "Pad" of "mmdet.Pad", as a registry's
// scope has it, and of "mmdet.datasets.transforms.Pad", as lazy configs do.
std::string WithoutScope(const std::string& type);

// The channels that the config counts on must be those that the features have.
void RequireChannels(const config::ConfigNode& config, const std::vector<std::int64_t>& channels,
                     const std::vector<graph::Value>& features);

// The number of feature maps must be what the config is made for.
void RequireLevels(const config::ConfigNode& config, std::size_t expected, std::size_t actual);

}  // namespace yoloport::models
