// MMPretrain's ConvNeXt, of both versions.
#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "graph/ops.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/style_reading.h"
#include "nn/folded_conv.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/style.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using tensor::Shape;

struct Arch {
  std::vector<std::int64_t> depths, channels;
};

struct NamedArch {
  const char* name;
  std::array<std::int64_t, 4> depths;
  std::int64_t channels;  // of the first stage; each has twice those of the one before it
};
constexpr std::array<NamedArch, 10> kArchs = {{{"atto", {2, 2, 6, 2}, 40},
                                               {"femto", {2, 2, 6, 2}, 48},
                                               {"pico", {2, 2, 6, 2}, 64},
                                               {"nano", {2, 2, 8, 2}, 80},
                                               {"tiny", {3, 3, 9, 3}, 96},
                                               {"small", {3, 3, 27, 3}, 96},
                                               {"base", {3, 3, 27, 3}, 128},
                                               {"large", {3, 3, 27, 3}, 192},
                                               {"xlarge", {3, 3, 27, 3}, 256},
                                               {"huge", {3, 3, 27, 3}, 352}}};

struct BlockSpec {
  double eps = 1e-6;  // of the LayerNorms
  nn::Activation act = {nn::ActivationKind::kGelu};
  bool linear_pw_conv = true;  // the pointwise convolutions are stored as matrices
  bool use_grn = false;
  bool has_gamma = true;
};

// `arch`: a name, or depths and channels.
Arch ReadArch(const ConfigNode& config) {
  const auto node = config.Find("arch");
  if (node && node->IsDict()) {
    const Arch arch = {(*node)["depths"].AsInts(), (*node)["channels"].AsInts()};
    if (arch.depths.empty() || arch.depths.size() != arch.channels.size()) {
      node->Fail("depths and channels need an entry for each stage");
    }
    return arch;
  }
  const std::string name = config.Get("arch", "tiny");
  std::vector<std::string> known;
  for (const NamedArch& arch : kArchs) {
    known.emplace_back(arch.name);
    if (arch.name != name) continue;
    Arch result = {{arch.depths.begin(), arch.depths.end()}, {}};
    for (int stage = 0; stage < 4; ++stage) result.channels.push_back(arch.channels << stage);
    return result;
  }
  config["arch"].Fail("unknown arch " + base::Quote(name), "known are " + base::JoinText(known));
}

BlockSpec ReadBlock(const ConfigNode& config) {
  BlockSpec spec;
  spec.eps = ReadLayerNorm(config, 1e-6);
  if (const auto act = config.Find("act_cfg")) spec.act = ReadActivation(*act);
  spec.linear_pw_conv = config.Get("linear_pw_conv", true);
  spec.use_grn = config.Get("use_grn", false);
  spec.has_gamma = config.Get("layer_scale_init_value", 1e-6) > 0;
  return spec;
}

// One number a channel, for a map whose channels are last.
Value PerChannel(const Weights& w, const char* key, Value x) {
  const std::string name = w.prefix() + "." + key;
  return x.graph().Constant(nn::WeightAs(w.Take(key, {x.dim(3)}), x.dtype(), name), name);
}

// Global response normalization: each channel by its length, beside the mean length of all. In
// float32: squares of halves would overflow.
Value Grn(const Weights& w, Value x) {
  const graph::NameScope scope(x.graph(), w.prefix());
  const Value floats = graph::Cast(x, tensor::DType::kFloat32);
  const Value squares = floats * floats;
  const Value length = graph::Sqrt(graph::ReduceSum(graph::ReduceSum(squares, 2, true), 1, true));
  const Value share = length / (graph::ReduceMean(length, 3, true) + 1e-6);
  const Value response = graph::Cast(floats * share, x.dtype());
  return PerChannel(w, "gamma", x) * response + PerChannel(w, "beta", x) + x;
}

// A 1 x 1 convolution on a map whose channels are last.
Value Pointwise(const Weights& w, Value x, std::int64_t out_channels, const BlockSpec& spec) {
  if (spec.linear_pw_conv) return nn::Linear(w, x, out_channels);
  nn::FoldedConv conv = nn::TakeConv(w, {out_channels, x.dim(3), 1, 1}, true);
  x = nn::Emit(graph::Transpose(x, {0, 3, 1, 2}), std::move(conv), {}, w.prefix());
  return graph::Transpose(x, {0, 2, 3, 1});
}

Value Block(const Weights& w, Value x, const BlockSpec& spec) {
  constexpr std::int64_t kKernel = 7;
  constexpr std::int64_t kMlpRatio = 4;
  const std::int64_t channels = x.dim(1);
  const graph::NameScope scope(x.graph(), w.prefix());
  nn::FoldedConv conv = nn::TakeConv(w["depthwise_conv"], {channels, 1, kKernel, kKernel}, true);
  Value y = nn::Emit(x, std::move(conv), {.padding = kKernel / 2, .groups = channels},
                     w["depthwise_conv"].prefix());
  y = nn::LayerNorm(w["norm"], graph::Transpose(y, {0, 2, 3, 1}), spec.eps);
  y = Pointwise(w["pointwise_conv1"], y, kMlpRatio * channels, spec);
  y = nn::Activate(w["act"], y, spec.act);
  if (spec.use_grn) y = Grn(w["grn"], y);
  y = Pointwise(w["pointwise_conv2"], y, channels, spec);
  if (spec.has_gamma) y = y * PerChannel(w, "gamma", y);
  return x + graph::Transpose(y, {0, 3, 1, 2});
}

// What halves height and width in front of a stage, or makes the patches in front of the first.
Value Downsample(const Weights& w, Value x, std::size_t stage, std::int64_t channels,
                 std::int64_t patch_size, double eps) {
  if (stage > 0) x = nn::LayerNorm2d(w[std::size_t{0}], x, eps);
  const Weights conv = w[stage > 0 ? std::size_t{1} : std::size_t{0}];
  const std::int64_t size = stage > 0 ? 2 : patch_size;
  nn::FoldedConv folded = nn::TakeConv(conv, {channels, x.dim(1), size, size}, true);
  x = nn::Emit(x, std::move(folded), {.stride = size}, conv.prefix());
  return stage > 0 ? x : nn::LayerNorm2d(w[1], x, eps);
}

std::vector<Value> ConvNext(const ConfigNode& config, const Weights& w, Value image) {
  RequireImageChannels(config, "in_channels", image);
  const Arch arch = ReadArch(config);
  const BlockSpec block = ReadBlock(config);
  const std::int64_t patch_size = WholeNumberIn(config, "stem_patch_size", 4, {1, 64});
  if (config.Get("gap_before_final_norm", true)) {
    config.Fail("gives one vector for the whole image",
                "feature maps need gap_before_final_norm=False");
  }
  config.Ignore({"drop_path_rate", "frozen_stages", "with_cp", "init_cfg"});
  const auto stages = static_cast<std::int64_t>(arch.depths.size());
  const std::vector<std::int64_t> wanted = ReadOutIndices(config, {stages - 1}, 0, stages - 1);
  std::vector<Value> features;
  Value x = image;
  for (std::size_t i = 0; i < arch.depths.size(); ++i) {
    x = Downsample(w["downsample_layers"][i], x, i, arch.channels[i], patch_size, block.eps);
    for (std::int64_t j = 0; j < arch.depths[i]; ++j) {
      x = Block(w["stages"][i][static_cast<std::size_t>(j)], x, block);
    }
    if (std::count(wanted.begin(), wanted.end(), static_cast<std::int64_t>(i)) == 0) continue;
    features.push_back(nn::LayerNorm2d(w["norm" + std::to_string(i)], x, block.eps));
  }
  return features;
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {{{"ConvNeXt", ConvNext}}};

}  // namespace

const Family kConvNext = {kBackbones, {}, {}};

}  // namespace yoloport::models
