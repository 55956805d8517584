// MMDetection's Swin Transformer: attention within windows, every second time shifted ones.
#include <algorithm>
#include <array>
#include <string>

#include "graph/ops.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/style_reading.h"
#include "nn/folded_conv.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/window_attention.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using tensor::Shape;

struct SwinSpec {
  std::int64_t embed_dims = 96, patch_size = 4, mlp_ratio = 4;
  std::vector<std::int64_t> depths, num_heads;
  bool patch_norm = true;
  nn::SwinBlockSpec block;  // but for what differs between stages
};

void RefuseOthers(const ConfigNode& config, Value image) {
  const std::string scope = ScopeOf(config["type"].AsString());
  if (scope == "mmpretrain" || scope == "mmcls" || scope == "mmselfsup") {
    config["type"].Fail("only MMDetection's SwinTransformer is supported");
  }
  if (config.Get("use_abs_pos_embed", false)) {
    config["use_abs_pos_embed"].Fail("absolute position embeddings are not supported");
  }
  if (image.dim(2) == graph::kDynamic || image.dim(3) == graph::kDynamic) {
    config["type"].Fail("this backbone needs a fixed image size",
                        "export without --dynamic height,width");
  }
}

// The first is the patch size; the others are 2, as wide as what is merged.
void RequireStrides(const ConfigNode& config, const SwinSpec& spec) {
  std::vector<std::int64_t> expected(spec.depths.size(), 2);
  expected.front() = spec.patch_size;
  if (ReadStageNumbers(config, "strides", expected) != expected) {
    config["strides"].Fail("must be the patch size, and 2 for all other stages");
  }
}

SwinSpec ReadSwin(const ConfigNode& config) {
  constexpr base::Range kChannels = {1, 1 << 16};
  constexpr base::Range kSizes = {1, 256};
  SwinSpec spec;
  spec.embed_dims = WholeNumberIn(config, "embed_dims", 96, kChannels);
  spec.patch_size = WholeNumberIn(config, "patch_size", 4, kSizes);
  spec.mlp_ratio = WholeNumberIn(config, "mlp_ratio", 4, kSizes);
  spec.patch_norm = config.Get("patch_norm", true);
  spec.depths = ReadStageNumbers(config, "depths", {2, 2, 6, 2});
  spec.num_heads = ReadStageNumbers(config, "num_heads", {3, 6, 12, 24});
  if (spec.depths.empty() || spec.num_heads.size() != spec.depths.size()) {
    config.Fail("depths and num_heads need an entry for each stage");
  }
  RequireStrides(config, spec);
  spec.block.attention.window_size = WholeNumberIn(config, "window_size", 7, kSizes);
  spec.block.attention.qkv_bias = config.Get("qkv_bias", true);
  spec.block.attention.scale = config.Get("qk_scale", 0.0);
  spec.block.eps = ReadLayerNorm(config, 1e-5);
  if (const auto act = config.Find("act_cfg")) spec.block.act = ReadActivation(*act);
  config.Ignore({"pretrain_img_size", "drop_rate", "attn_drop_rate", "drop_path_rate", "with_cp",
                 "pretrained", "convert_weights", "frozen_stages", "init_cfg"});
  return spec;
}

Value ChannelsLast(Value x) { return graph::Transpose(x, {0, 2, 3, 1}); }

// One convolution a patch. The image is padded to whole patches.
Value PatchEmbed(const Weights& w, Value image, const SwinSpec& spec) {
  const std::int64_t size = spec.patch_size;
  const auto rest = [&](std::int64_t axis) { return (size - image.dim(axis) % size) % size; };
  const graph::NameScope scope(image.graph(), w.prefix());
  const Value padded = graph::PadEnds(image, {0, 0, rest(2), rest(3)});
  nn::FoldedConv conv =
      nn::TakeConv(w["projection"], {spec.embed_dims, image.dim(1), size, size}, true);
  const Value x =
      ChannelsLast(nn::Emit(padded, std::move(conv), {.stride = size}, w["projection"].prefix()));
  return spec.patch_norm ? nn::LayerNorm(w["norm"], x, spec.block.eps) : x;
}

// Four pixels become one of twice the channels. The order of their channels is nn.Unfold's.
Value PatchMerging(const Weights& w, Value x, const SwinSpec& spec) {
  const std::int64_t channels = x.dim(3);
  const graph::NameScope scope(x.graph(), w.prefix());
  x = graph::PadEnds(x, {0, x.dim(1) % 2, x.dim(2) % 2, 0});
  const std::int64_t height = x.dim(1) / 2;
  const std::int64_t width = x.dim(2) / 2;
  x = graph::Reshape(x, Shape{-1, height, 2, width, 2, channels});
  x = graph::Reshape(graph::Transpose(x, {0, 1, 3, 5, 2, 4}),
                     Shape{-1, height, width, 4 * channels});
  if (spec.patch_norm) x = nn::LayerNorm(w["norm"], x, spec.block.eps);
  return nn::Linear(w["reduction"], x, 2 * channels, false);
}

Value SwinStage(const Weights& w, Value x, const SwinSpec& spec, std::size_t stage) {
  nn::SwinBlockSpec block = spec.block;
  block.attention.num_heads = spec.num_heads[stage];
  block.feedforward_channels = spec.mlp_ratio * x.dim(3);
  for (std::int64_t i = 0; i < spec.depths[stage]; ++i) {
    block.attention.shift_size = i % 2 == 0 ? 0 : block.attention.window_size / 2;
    x = nn::SwinBlock(w["blocks"][static_cast<std::size_t>(i)], x, block);
  }
  return x;
}

std::vector<Value> SwinTransformer(const ConfigNode& config, const Weights& w, Value image) {
  RefuseOthers(config, image);
  RequireImageChannels(config, "in_channels", image);
  const SwinSpec spec = ReadSwin(config);
  const std::size_t stages = spec.depths.size();
  const std::vector<std::int64_t> wanted =
      ReadOutIndices(config, {0, 1, 2, 3}, 0, static_cast<std::int64_t>(stages) - 1);
  Value x = PatchEmbed(w["patch_embed"], image, spec);
  std::vector<Value> features;
  for (std::size_t i = 0; i < stages; ++i) {
    if (x.dim(3) % spec.num_heads[i] != 0) {
      config["num_heads"].Fail("stage " + std::to_string(i) + " has " + std::to_string(x.dim(3)) +
                               " channels, which are not a multiple of its heads");
    }
    const Weights stage = w["stages"][i];
    x = SwinStage(stage, x, spec, i);
    if (std::count(wanted.begin(), wanted.end(), static_cast<std::int64_t>(i)) > 0) {
      const Weights norm = w["norm" + std::to_string(i)];
      const graph::NameScope scope(x.graph(), norm.prefix());
      features.push_back(graph::Transpose(nn::LayerNorm(norm, x, spec.block.eps), {0, 3, 1, 2}));
    }
    if (i + 1 < stages) x = PatchMerging(stage["downsample"], x, spec);
  }
  return features;
}

constexpr std::array<Component<BackboneFunction>, 1> kBackbones = {
    {{"SwinTransformer", SwinTransformer}}};

}  // namespace

const Family kSwin = {kBackbones, {}, {}};

}  // namespace yoloport::models
