// ResNet, ResNetV1d and ResNeXt of MMDetection, and the plain ResNet of MMPretrain and MMSelfSup,
// which differs in how its outputs are counted.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "base/text.h"
#include "graph/ops.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/plugins.h"
#include "models/style_reading.h"
#include "nn/conv_module.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using nn::ConvAndNorm;
using nn::NormSpec;

struct Depth {
  std::int64_t depth;
  bool is_bottleneck;
  std::array<std::int64_t, 4> blocks;
};
constexpr std::array<Depth, 5> kDepths = {{{18, false, {2, 2, 2, 2}},
                                           {34, false, {3, 4, 6, 3}},
                                           {50, true, {3, 4, 6, 3}},
                                           {101, true, {3, 4, 23, 3}},
                                           {152, true, {3, 8, 36, 3}}}};

struct ResNetSpec {
  Depth depth = {};
  std::int64_t stem_channels = 64, base_channels = 64;
  std::vector<std::int64_t> strides, dilations;
  bool is_caffe = false;  // a bottleneck's first convolution has the stride, not its second
  bool deep_stem = false, avg_down = false;
  std::int64_t groups = 1, base_width = 4;
  NormSpec norm;
  std::vector<Plugin> plugins;
};

// One residual block.
struct BlockSpec {
  std::int64_t planes = 0;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::size_t stage = 0;
};

std::int64_t Expansion(const ResNetSpec& spec) { return spec.depth.is_bottleneck ? 4 : 1; }

// --- config ---

const Depth& ReadDepth(const ConfigNode& config) {
  const std::int64_t depth = config["depth"].AsInt();
  for (const Depth& known : kDepths) {
    if (known.depth == depth) return known;
  }
  config["depth"].Fail("unknown depth " + std::to_string(depth),
                       "known are 18, 34, 50, 101 and 152");
}

// A list with an entry for each stage.
std::vector<std::int64_t> PerStage(const ConfigNode& config, std::string_view key,
                                   std::vector<std::int64_t> defaults, std::size_t stages) {
  constexpr base::Range kRange = {1, 64};
  std::vector<std::int64_t> values = std::move(defaults);
  if (const auto list = config.Find(key)) {
    values = list->AsInts();
    for (std::size_t i = 0; i < values.size(); ++i) NumberIn((*list)[i], kRange);
  }
  if (values.size() != stages) {
    config.Fail(std::string(key) + " has " + std::to_string(values.size()) + " entries for " +
                std::to_string(stages) + " stages");
  }
  return values;
}

void RefuseDeformable(const ConfigNode& config) {
  const auto dcn = config.Find("dcn");
  if (!dcn || dcn->IsNone()) {
    config.Ignore({"stage_with_dcn"});
    return;
  }
  dcn->Fail(
      "deformable convolutions are not supported: ONNX has no operator for them before "
      "opset 19");
}

// Those of mmdet's stand in bottlenecks, and say where.
std::vector<Plugin> ReadResNetPlugins(const ConfigNode& config, const ResNetSpec& spec,
                                      std::size_t stages) {
  std::vector<Plugin> plugins = ReadPlugins(config, stages);
  for (const Plugin& plugin : plugins) {
    const ConfigNode position = plugin.node["position"];
    const std::string& name = position.AsString();
    if (!spec.depth.is_bottleneck) plugin.node.Fail("depths 18 and 34 take no plugins");
    if (name == "after_conv1" || name == "after_conv2" || name == "after_conv3") continue;
    position.Fail("unknown position " + base::Quote(name),
                  "known are after_conv1, after_conv2 and after_conv3");
  }
  return plugins;
}

ResNetSpec ReadResNet(const ConfigNode& config) {
  constexpr base::Range kChannels = {1, 1 << 16};
  ResNetSpec spec;
  spec.depth = ReadDepth(config);
  spec.base_channels = WholeNumberIn(config, "base_channels", 64, kChannels);
  spec.stem_channels = WholeNumberIn(config, "stem_channels", spec.base_channels, kChannels);
  const auto stages = static_cast<std::size_t>(WholeNumberIn(config, "num_stages", 4, {1, 4}));
  const std::vector<std::int64_t> strides = {1, 2, 2, 2};
  spec.strides = PerStage(config, "strides", strides, stages);
  spec.dilations = PerStage(config, "dilations", {1, 1, 1, 1}, stages);
  const std::string style = config.Get("style", "pytorch");
  if (style != "pytorch" && style != "caffe") {
    config["style"].Fail("unknown style " + base::Quote(style), "known are pytorch and caffe");
  }
  spec.is_caffe = style == "caffe";
  spec.deep_stem = config.Get("deep_stem", false);
  spec.avg_down = config.Get("avg_down", false);
  spec.norm = ReadNorm(config, {nn::NormKind::kBatch, 1e-5});
  spec.plugins = ReadResNetPlugins(config, spec, stages);
  RequireNoConvCfg(config);
  RefuseDeformable(config);
  config.Ignore({"frozen_stages", "norm_eval", "with_cp", "zero_init_residual", "pretrained",
                 "init_cfg", "drop_path_rate"});
  return spec;
}

// --- blocks ---

// Norms are numbered behind their name: bn1, gn2.
Weights NormAt(const Weights& w, const NormSpec& norm, const char* number) {
  return w[std::string(norm.name) + number];
}

// The plugins of the block's stage that stand at `position`: `context_block`, `cbam`, and what
// `postfix` says.
Value WithPlugins(const Weights& w, Value x, const ResNetSpec& spec, std::size_t stage,
                  const std::string& position) {
  for (const Plugin& plugin : spec.plugins) {
    if (!plugin.stages[stage] || plugin.node["position"].AsString() != position) continue;
    const auto postfix = plugin.config.Find("postfix");
    std::string name = PluginName(plugin.config);
    if (postfix) name += postfix->IsInt() ? std::to_string(postfix->AsInt()) : postfix->AsString();
    x = BuildPlugin(plugin.config, w[name], x);
  }
  return x;
}

// What is added to the block's result: its input, or that through `downsample`.
Value Shortcut(const Weights& w, Value x, const ResNetSpec& spec, const BlockSpec& block,
               bool is_first) {
  const std::int64_t channels = block.planes * Expansion(spec);
  if (!is_first || (block.stride == 1 && x.dim(1) == channels)) return x;
  const Weights down = w["downsample"];
  const graph::NameScope scope(x.graph(), down.prefix());
  nn::ConvModuleSpec conv = {.out_channels = channels, .stride = block.stride};
  std::size_t at = 0;
  if (spec.avg_down) {
    x = graph::AveragePool(x, block.stride, block.stride);
    conv.stride = 1;
    ++at;
  }
  return ConvAndNorm(down[at], down[at + 1], x, conv, spec.norm);
}

Value BasicBlock(const Weights& w, Value x, const ResNetSpec& spec, const BlockSpec& block,
                 bool is_first) {
  const nn::ConvModuleSpec first = {.out_channels = block.planes,
                                    .kernel = 3,
                                    .stride = block.stride,
                                    .dilation = block.dilation};
  Value y = ConvAndNorm(w["conv1"], NormAt(w, spec.norm, "1"), x, first, spec.norm);
  y = ConvAndNorm(w["conv2"], NormAt(w, spec.norm, "2"), graph::Relu(y),
                  {.out_channels = block.planes, .kernel = 3}, spec.norm);
  return graph::Relu(y + Shortcut(w, x, spec, block, is_first));
}

Value Bottleneck(const Weights& w, Value x, const ResNetSpec& spec, const BlockSpec& block,
                 bool is_first) {
  std::int64_t width = block.planes;
  if (spec.groups > 1) {
    const double part =
        static_cast<double>(spec.base_width) / static_cast<double>(spec.base_channels);
    width = Scaled(static_cast<double>(block.planes), part) * spec.groups;
  }
  const nn::ConvModuleSpec reduce = {.out_channels = width,
                                     .stride = spec.is_caffe ? block.stride : 1};
  const nn::ConvModuleSpec middle = {.out_channels = width,
                                     .kernel = 3,
                                     .stride = spec.is_caffe ? 1 : block.stride,
                                     .groups = spec.groups,
                                     .dilation = block.dilation};
  const auto plugins = [&](Value y, const char* position) {
    return WithPlugins(w, y, spec, block.stage, position);
  };
  Value y = ConvAndNorm(w["conv1"], NormAt(w, spec.norm, "1"), x, reduce, spec.norm);
  y = plugins(graph::Relu(y), "after_conv1");
  y = ConvAndNorm(w["conv2"], NormAt(w, spec.norm, "2"), y, middle, spec.norm);
  y = plugins(graph::Relu(y), "after_conv2");
  y = ConvAndNorm(w["conv3"], NormAt(w, spec.norm, "3"), y,
                  {.out_channels = block.planes * Expansion(spec)}, spec.norm);
  y = plugins(y, "after_conv3");
  return graph::Relu(y + Shortcut(w, x, spec, block, is_first));
}

Value Stem(const Weights& w, Value x, const ResNetSpec& spec) {
  const graph::NameScope scope(x.graph(), w[spec.deep_stem ? "stem" : "conv1"].prefix());
  const std::int64_t channels = spec.stem_channels;
  if (spec.deep_stem) {
    const Weights stem = w["stem"];
    for (std::size_t i = 0; i < 3; ++i) {
      const nn::ConvModuleSpec conv = {
          .out_channels = i < 2 ? channels / 2 : channels, .kernel = 3, .stride = i == 0 ? 2 : 1};
      x = graph::Relu(ConvAndNorm(stem[3 * i], stem[3 * i + 1], x, conv, spec.norm));
    }
    return x;
  }
  return graph::Relu(ConvAndNorm(w["conv1"], NormAt(w, spec.norm, "1"), x,
                                 {.out_channels = channels, .kernel = 7, .stride = 2}, spec.norm));
}

Value ResLayer(const Weights& w, Value x, const ResNetSpec& spec, std::size_t stage) {
  BlockSpec block = {.planes = spec.base_channels << stage,
                     .stride = spec.strides[stage],
                     .dilation = spec.dilations[stage],
                     .stage = stage};
  for (std::int64_t i = 0; i < spec.depth.blocks[stage]; ++i) {
    const Weights weights = w[static_cast<std::size_t>(i)];
    const graph::NameScope scope(x.graph(), weights.prefix());
    x = spec.depth.is_bottleneck ? Bottleneck(weights, x, spec, block, i == 0)
                                 : BasicBlock(weights, x, spec, block, i == 0);
    block.stride = 1;
  }
  return x;
}

// Stage i is output i + `first_stage`; where that is 1, output 0 is the stem's.
std::vector<Value> Run(const ConfigNode& config, const Weights& w, Value image,
                       const ResNetSpec& spec, const std::vector<std::int64_t>& defaults,
                       std::int64_t first_stage) {
  RequireImageChannels(config, "in_channels", image);
  const auto stages = static_cast<std::int64_t>(spec.strides.size());
  const std::vector<std::int64_t> wanted =
      ReadOutIndices(config, defaults, 0, stages - 1 + first_stage);
  std::vector<Value> features;
  const auto add = [&](Value x, std::int64_t index) {
    if (std::find(wanted.begin(), wanted.end(), index) != wanted.end()) features.push_back(x);
  };
  Value x = Stem(w, image, spec);
  if (first_stage == 1) add(x, 0);
  x = graph::MaxPool(x, 3, 2, 1);
  for (std::int64_t i = 0; i < stages; ++i) {
    const auto stage = static_cast<std::size_t>(i);
    x = ResLayer(w["layer" + std::to_string(i + 1)], x, spec, stage);
    add(x, i + first_stage);
  }
  return features;
}

// MMPretrain's stem and shortcuts are other ones where they are not the plain ones.
void RequirePlain(const ConfigNode& config, const ResNetSpec& spec) {
  if (spec.deep_stem || spec.avg_down) {
    config.Fail("deep_stem and avg_down are supported with mmdet.ResNet only");
  }
  if (config.Get("expansion", std::int64_t{0}) != 0) {
    config["expansion"].Fail("other expansions than the depth's own are not supported");
  }
}

std::vector<Value> ResNet(const ConfigNode& config, const Weights& w, Value image) {
  const std::string scope = ScopeOf(config["type"].AsString());
  ResNetSpec spec = ReadResNet(config);
  const bool is_selfsup = scope == "mmselfsup";
  if (!is_selfsup && scope != "mmpretrain" && scope != "mmcls") {
    return Run(config, w, image, spec, {0, 1, 2, 3}, 0);
  }
  RequirePlain(config, spec);
  if (!config.Has("stem_channels")) spec.stem_channels = 64;
  return is_selfsup ? Run(config, w, image, spec, {4}, 1) : Run(config, w, image, spec, {3}, 0);
}

// The same names of MMPretrain are other networks.
void RequireMmdet(const ConfigNode& config) {
  const std::string scope = ScopeOf(config["type"].AsString());
  if (scope == "mmpretrain" || scope == "mmcls" || scope == "mmselfsup") {
    config["type"].Fail("this backbone is supported as MMDetection's only");
  }
}

std::vector<Value> ResNetV1d(const ConfigNode& config, const Weights& w, Value image) {
  RequireMmdet(config);
  ResNetSpec spec = ReadResNet(config);
  spec.deep_stem = spec.avg_down = true;
  return Run(config, w, image, spec, {0, 1, 2, 3}, 0);
}

std::vector<Value> ResNext(const ConfigNode& config, const Weights& w, Value image) {
  RequireMmdet(config);
  ResNetSpec spec = ReadResNet(config);
  if (!spec.depth.is_bottleneck) config["depth"].Fail("known are 50, 101 and 152");
  spec.groups = WholeNumberIn(config, "groups", 1, {1, 1 << 10});
  spec.base_width = WholeNumberIn(config, "base_width", 4, {1, 1 << 10});
  return Run(config, w, image, spec, {0, 1, 2, 3}, 0);
}

constexpr std::array<Component<BackboneFunction>, 3> kBackbones = {
    {{"ResNet", ResNet}, {"ResNetV1d", ResNetV1d}, {"ResNeXt", ResNext}}};

}  // namespace

const Family kResNet = {kBackbones, {}, {}};

}  // namespace yoloport::models
