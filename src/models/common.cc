#include "models/common.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <map>

#include "base/text.h"
#include "graph/ops.h"
#include "models/limits.h"

namespace yoloport {
namespace {

// The names that configs give to activations; those with a package's prefix are reduced to the last
// part.
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

NormSpec ReadNorm(const ConfigNode& norm) {
  if (norm.IsNone()) return {.present = false};
  const std::string type = norm["type"].AsString();
  if (type != "BN" && type != "BN2d" && type != "SyncBN" && type != "MMSyncBN" &&
      type != "BatchNorm2d") {
    norm["type"].Fail(
        "unknown norm " + Quote(type),
        KnownHint(type, std::vector<std::string>{"BN", "BN2d", "SyncBN", "MMSyncBN"}));
  }
  norm.Ignore({"momentum", "requires_grad"});
  return {.present = true, .eps = NumberIn(norm, "eps", 1e-5, kNormEpsRange)};
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

Activation ReadActivation(const ConfigNode& act) {
  if (act.IsNone()) return {ActivationKind::kNone};
  const ConfigNode type = act["type"];
  const auto& names = ActivationNames();
  const auto found = names.find(type.AsString());
  if (found == names.end()) {
    std::vector<std::string> known;
    for (const auto& [name, kind] : names) known.push_back(name);
    type.Fail("unknown activation " + Quote(type.AsString()), KnownHint(type.AsString(), known));
  }
  act.Ignore({"inplace"});
  return {found->second, NumberIn(act, "negative_slope", 0.01, kSlopeRange)};
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

std::vector<graph::Value> RunStages(const ConfigNode& config, const Weights& w, graph::Value image,
                                    std::size_t stages, const StemFunction& stem,
                                    const StageFunction& stage) {
  config.Ignore({"frozen_stages", "norm_eval", "init_cfg"});
  if (const auto plugins = config.Find("plugins"); plugins && !plugins->IsNone()) {
    plugins->Fail("plugins of a backbone are not supported");
  }
  const std::int64_t channels = config.Get("input_channels", std::int64_t{3});
  if (channels != image.dim(1)) {
    config["input_channels"].Fail("only images of " + std::to_string(image.dim(1)) +
                                  " channels are supported");
  }
  std::vector<std::int64_t> wanted = {2, 3, 4};
  if (const auto indices = config.Find("out_indices")) wanted = indices->AsInts();
  for (const std::int64_t index : wanted) {
    if (index < 0 || index > static_cast<std::int64_t>(stages)) {
      config["out_indices"].Fail("there are the stages 0 to " + std::to_string(stages) + " only");
    }
  }
  std::vector<graph::Value> outputs = {stem(w["stem"], image)};
  for (std::size_t i = 0; i < stages; ++i) {
    outputs.push_back(stage(w["stage" + std::to_string(i + 1)], outputs.back(), i));
  }
  std::vector<graph::Value> features;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const auto index = static_cast<std::int64_t>(i);
    if (std::find(wanted.begin(), wanted.end(), index) != wanted.end())
      features.push_back(outputs[i]);
  }
  return features;
}

std::vector<graph::Value> Pafpn(const Weights& w, const std::vector<graph::Value>& features,
                                const PafpnLayers& layers) {
  const std::size_t levels = features.size();
  const auto apply = [&](const NeckLayer& layer, const char* list, std::size_t at, graph::Value x,
                         std::size_t index) { return layer ? layer(w[list][at], x, index) : x; };
  const auto upsample = [&](std::size_t at, graph::Value x, std::size_t index) {
    if (layers.upsample) return layers.upsample(w["upsample_layers"][at], x, index);
    const graph::NameScope scope(x.graph(), w["upsample_layers"][at].prefix());
    return graph::Upsample(x, 2);
  };
  const auto join = [&](const char* list, std::size_t at, graph::Value a, graph::Value b) {
    const graph::NameScope scope(a.graph(), w[list][at].prefix());
    return graph::Concat({a, b}, 1);
  };
  std::vector<graph::Value> reduced;
  for (std::size_t i = 0; i < levels; ++i)
    reduced.push_back(apply(layers.reduce, "reduce_layers", i, features[i], i));

  const auto top_down_input = [&](std::size_t at, graph::Value high, std::size_t index) {
    if (layers.fuse) return layers.fuse(w["upsample_layers"][at], high, reduced, index);
    const graph::Value up = upsample(at, high, index);
    return layers.upsample_feats_cat_first ? join("top_down_layers", at, up, reduced[index - 1])
                                           : join("top_down_layers", at, reduced[index - 1], up);
  };
  std::vector<graph::Value> inner = reduced;  // inner.back() is the top level itself
  for (std::size_t i = levels - 1; i > 0; --i) {
    const std::size_t at = levels - 1 - i;
    const graph::Value joined = top_down_input(at, inner[i], i);
    inner[i - 1] = apply(layers.top_down, "top_down_layers", at, joined, i);
  }
  std::vector<graph::Value> outs = {inner[0]};
  for (std::size_t i = 0; i + 1 < levels; ++i) {
    const graph::Value down = apply(layers.downsample, "downsample_layers", i, outs.back(), i);
    const graph::Value joined = join("bottom_up_layers", i, down, inner[i + 1]);
    outs.push_back(apply(layers.bottom_up, "bottom_up_layers", i, joined, i));
  }
  for (std::size_t i = 0; i < levels; ++i) outs[i] = apply(layers.out, "out_layers", i, outs[i], i);
  return outs;
}

void RequireNearestUpsampling(const ConfigNode& config) {
  const auto upsample = config.Find("upsample_cfg");
  if (!upsample) return;
  const std::string mode = upsample->Get("mode", std::string("nearest"));
  if (mode != "nearest" || upsample->Get("scale_factor", 2.0) != 2) {
    upsample->Fail("only nearest upsampling by 2 is supported");
  }
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

std::string WithoutScope(const std::string& type) {
  for (const std::string_view scope : {"mmyolo.", "mmdet.", "mmcv.", "mmengine.", "mmrazor."}) {
    if (type.starts_with(scope)) return type.substr(scope.size());
  }
  return type;
}

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

PafpnLayers CspPafpnLayers(const std::vector<std::int64_t>& channels, const CspPafpnParts& parts) {
  PafpnLayers layers;
  layers.reduce = [=](const Weights& w, graph::Value x, std::size_t index) {
    return index + 1 < channels.size() ? x : parts.conv(w, x, channels[index - 1]);
  };
  layers.top_down = [=](const Weights& w, graph::Value x, std::size_t index) {
    if (index == 1) return parts.csp(w, x, channels[0]);
    x = parts.csp(w[std::size_t{0}], x, channels[index - 1]);
    return parts.conv(w[1], x, channels[index - 2]);
  };
  layers.downsample = [=](const Weights& w, graph::Value x, std::size_t index) {
    return parts.downsample(w, x, channels[index]);
  };
  layers.bottom_up = [=](const Weights& w, graph::Value x, std::size_t index) {
    return parts.csp(w, x, channels[index + 1]);
  };
  return layers;
}

void RequireLevels(const ConfigNode& config, std::size_t expected, std::size_t actual) {
  if (expected == actual) return;
  config.Fail("is made for " + std::to_string(expected) + " feature levels but gets " +
              std::to_string(actual));
}

void IgnoreTrainingKeys(const ConfigNode& head) {
  head.Ignore({"loss_cls", "loss_bbox", "loss_obj", "loss_dfl", "loss_bbox_aux", "train_cfg",
               "test_cfg", "init_cfg", "prior_match_thr", "near_neighbor_thr", "ignore_iof_thr",
               "obj_level_weights"});
}

void RequireCoder(const ConfigNode& head, std::string_view type) {
  const auto coder = head.Find("bbox_coder");
  if (!coder) return;
  RequireType(*coder, {type});
  // How boxes are wrapped, and what needs the image's shape, which MMYOLO's heads do not pass.
  coder->Ignore({"use_box_type", "clip_border"});
}

namespace {

double ReadStride(const ConfigNode& node) {
  const double stride = NumberIn(node, kStrideRange);
  if (stride != std::floor(stride)) node.Fail("a stride is a whole number of pixels");
  return stride;
}

}  // namespace

std::vector<std::array<double, 2>> ReadStrides(const ConfigNode& head,
                                               const std::vector<double>& defaults) {
  const auto read = [](const ConfigNode& list) {
    std::vector<std::array<double, 2>> strides;
    for (std::size_t i = 0; i < list.size(); ++i) {
      const ConfigNode entry = list[i];
      if (entry.IsList()) {
        strides.push_back({ReadStride(entry[0]), ReadStride(entry[1])});
      } else {
        strides.push_back({ReadStride(entry), ReadStride(entry)});
      }
    }
    return strides;
  };
  std::vector<std::array<double, 2>> strides;
  for (const double stride : defaults) strides.push_back({stride, stride});
  if (const auto list = head["head_module"].Find("featmap_strides")) strides = read(*list);
  const auto generator = head.Find("prior_generator");
  if (!generator) return strides;
  if (const auto list = generator->Find("strides"); list && read(*list) != strides) {
    list->Fail("strides of the priors differ from the head module's featmap_strides");
  }
  return strides;
}

void RequireOnePrior(const ConfigNode& head_module) {
  if (head_module.Get("num_base_priors", std::int64_t{1}) == 1) return;
  head_module["num_base_priors"].Fail("only one prior per cell is supported");
}

double ReadPriorOffset(const ConfigNode& head, double default_offset) {
  const auto generator = head.Find("prior_generator");
  if (!generator) return default_offset;
  RequireType(*generator, {"MlvlPointGenerator"});
  return NumberIn(*generator, "offset", 0.5, kPriorOffsetRange);
}

void AddPointLevel(HeadOutput& output, HeadMode mode, graph::Value classes, graph::Value boxes,
                   graph::Value objectness, std::array<double, 2> stride) {
  graph::HeadLevel level;
  std::vector<graph::Value> maps = {classes, boxes};
  if (objectness) maps.push_back(objectness);
  if (mode == kRawHead) {
    // Boxes that a network of halves computes in float32 stay that precise.
    for (graph::Value& map : maps) map = graph::Cast(map, boxes.dtype());
    output.raw.push_back(graph::Concat(maps, 1));
  } else {
    const auto flat = [&](graph::Value map) {
      return map ? PositionsOf(map, map.dim(1), *mode) : map;
    };
    level.classes = flat(classes);
    level.boxes = flat(boxes);
    level.objectness = flat(objectness);
    level.feature = classes;
  }
  output.head.spec.objectness = static_cast<bool>(objectness);
  output.head.spec.levels.push_back({stride, {}});
  output.head.levels.push_back(level);
}

}  // namespace yoloport
