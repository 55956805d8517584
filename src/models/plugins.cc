#include "models/plugins.h"

#include <array>
#include <string>

#include "base/text.h"
#include "models/config_reading.h"
#include "models/style_reading.h"
#include "nn/attention.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;

Value Cbam(const ConfigNode& config, const Weights& w, Value x) {
  constexpr base::Range kRatios = {1, 1 << 16};
  constexpr base::Range kSizes = {1, 31};
  nn::CbamSpec spec;
  spec.reduce_ratio = NumberIn(config, "reduce_ratio", spec.reduce_ratio, kRatios);
  spec.kernel_size = WholeNumberIn(config, "kernel_size", spec.kernel_size, kSizes);
  if (spec.kernel_size % 2 == 0) config["kernel_size"].Fail("must be odd");
  if (const auto act = config.Find("act_cfg")) spec.act = ReadActivation(*act);
  config.Ignore({"init_cfg"});
  return nn::Cbam(w, x, spec);
}

Value ContextBlock(const ConfigNode& config, const Weights& w, Value x) {
  constexpr base::Range kRatios = {1e-6, 16};
  nn::ContextSpec spec;
  spec.ratio = NumberIn(config["ratio"], kRatios);
  const std::string pooling = config.Get("pooling_type", "att");
  if (pooling != "att" && pooling != "avg") {
    config["pooling_type"].Fail("unknown pooling " + base::Quote(pooling), "known are att and avg");
  }
  spec.attention_pooling = pooling == "att";
  if (const auto types = config.Find("fusion_types")) {
    spec.channel_add = false;
    for (std::size_t i = 0; i < types->size(); ++i) {
      const std::string type = (*types)[i].AsString();
      if (type == "channel_add") {
        spec.channel_add = true;
      } else if (type == "channel_mul") {
        spec.channel_mul = true;
      } else {
        (*types)[i].Fail("unknown fusion " + base::Quote(type),
                         "known are channel_add and channel_mul");
      }
    }
  }
  return nn::ContextBlock(w, x, spec);
}

// Drops in training only.
Value DropBlock(const ConfigNode& config, const Weights&, Value x) {
  config.Ignore({"drop_prob", "block_size", "warmup_iters"});
  return x;
}

struct NamedPlugin {
  const char* name;
  const char* attribute;
  Value (*build)(const ConfigNode& config, const Weights& w, Value x);
};
constexpr std::array<NamedPlugin, 3> kPlugins = {{{"CBAM", "cbam", Cbam},
                                                  {"ContextBlock", "context_block", ContextBlock},
                                                  {"DropBlock", "drop_block", DropBlock}}};

const NamedPlugin& FindPlugin(const ConfigNode& config) {
  const ConfigNode type = config["type"];
  const std::string name = WithoutScope(type.AsString());
  std::vector<std::string> known;
  for (const NamedPlugin& plugin : kPlugins) {
    if (plugin.name == name) return plugin;
    known.emplace_back(plugin.name);
  }
  type.Fail("the plugin " + base::Quote(name) + " is not supported",
            "plugins are " + base::JoinText(known));
}

}  // namespace

std::vector<Plugin> ReadPlugins(const ConfigNode& backbone, std::size_t stages) {
  std::vector<Plugin> plugins;
  const auto list = backbone.Find("plugins");
  if (!list || list->IsNone()) return plugins;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const ConfigNode node = (*list)[i];
    Plugin plugin = {node, node["cfg"], std::vector<bool>(stages, true)};
    if (const auto chosen = node.Find("stages"); chosen && !chosen->IsNone()) {
      if (chosen->size() != stages) {
        chosen->Fail("needs an entry for each of the " + std::to_string(stages) +
                     " stages, but has " + std::to_string(chosen->size()));
      }
      for (std::size_t stage = 0; stage < stages; ++stage) {
        plugin.stages[stage] = (*chosen)[stage].AsBool();
      }
    }
    plugins.push_back(std::move(plugin));
  }
  return plugins;
}

Value BuildPlugin(const ConfigNode& config, const Weights& w, Value x) {
  return FindPlugin(config).build(config, w, x);
}

std::string PluginName(const ConfigNode& config) { return FindPlugin(config).attribute; }

}  // namespace yoloport::models
