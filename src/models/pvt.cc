// MMDetection's Pyramid Vision Transformer: a transformer a stage, which attends to a smaller copy
// of its map.
#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/text.h"
#include "graph/ops.h"
#include "models/backbone_stages.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/style_reading.h"
#include "nn/folded_conv.h"
#include "nn/norm.h"
#include "nn/pvt_encoder_layer.h"

namespace yoloport::models {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;

struct PvtStage {
  std::int64_t channels, num_layers, num_heads, patch_size, stride, padding, sr_ratio, mlp_ratio;
};

struct PvtSpec {
  std::vector<PvtStage> stages;
  bool norm_after_stage = false;
  nn::PvtEncoderSpec layer;  // but for what differs between stages
};

// What the two versions do without being asked.
struct Version {
  std::vector<std::int64_t> patch_sizes, paddings;
  bool has_position_embeddings, norm_after_stage, use_conv_ffn;
};

std::vector<PvtStage> ReadStages(const ConfigNode& config, const Version& version) {
  constexpr base::Range kChannels = {1, 1 << 12};
  const std::int64_t embed_dims = WholeNumberIn(config, "embed_dims", 64, kChannels);
  const auto count = static_cast<std::size_t>(WholeNumberIn(config, "num_stages", 4, {1, 16}));
  const auto read = [&](const char* key, std::vector<std::int64_t> defaults, int lowest = 1) {
    std::vector<std::int64_t> numbers = ReadStageNumbers(config, key, std::move(defaults), lowest);
    if (numbers.size() == count) return numbers;
    config.Fail("needs an entry for each of its " + std::to_string(count) + " stages in " +
                base::Quote(key));
  };
  const auto layers = read("num_layers", {3, 4, 6, 3});
  const auto heads = read("num_heads", {1, 2, 5, 8});
  const auto patches = read("patch_sizes", version.patch_sizes);
  const auto strides = read("strides", {4, 2, 2, 2});
  const auto paddings = read("paddings", version.paddings, 0);
  const auto ratios = read("sr_ratios", {8, 4, 2, 1});
  const auto mlp_ratios = read("mlp_ratios", {8, 8, 4, 4});
  std::vector<PvtStage> stages;
  for (std::size_t i = 0; i < count; ++i) {
    stages.push_back({embed_dims * heads[i], layers[i], heads[i], patches[i], strides[i],
                      paddings[i], ratios[i], mlp_ratios[i]});
  }
  return stages;
}

PvtSpec ReadPvt(const ConfigNode& config, const Version& version) {
  PvtSpec spec;
  spec.stages = ReadStages(config, version);
  if (config.Get("use_abs_pos_embed", version.has_position_embeddings)) {
    const std::string what = "absolute position embeddings are not supported";
    if (config.Has("use_abs_pos_embed")) config["use_abs_pos_embed"].Fail(what);
    config["type"].Fail(what, "PyramidVisionTransformerV2, which has none, is");
  }
  spec.norm_after_stage = config.Get("norm_after_stage", version.norm_after_stage);
  spec.layer.use_conv_ffn = config.Get("use_conv_ffn", version.use_conv_ffn);
  spec.layer.attention.qkv_bias = config.Get("qkv_bias", true);
  spec.layer.attention.eps = ReadLayerNorm(config, 1e-6);
  if (const auto act = config.Find("act_cfg")) spec.layer.act = ReadActivation(*act);
  config.Ignore({"pretrain_img_size", "drop_rate", "attn_drop_rate", "drop_path_rate", "pretrained",
                 "convert_weights", "init_cfg"});
  return spec;
}

// `w`: a stage, the modules of which are numbered.
Value Stage(const Weights& w, Value x, const PvtSpec& spec, const PvtStage& stage) {
  const double eps = spec.layer.attention.eps;
  const Weights patch = w[std::size_t{0}];
  const Weights projection = patch["projection"];
  nn::FoldedConv conv = nn::TakeConv(
      projection, {stage.channels, x.dim(1), stage.patch_size, stage.patch_size}, true);
  x = nn::Emit(x, std::move(conv), {.stride = stage.stride, .padding = stage.padding},
               projection.prefix());
  x = nn::LayerNorm2d(patch["norm"], x, eps);
  nn::PvtEncoderSpec layer = spec.layer;
  layer.attention.num_heads = stage.num_heads;
  layer.attention.sr_ratio = stage.sr_ratio;
  layer.feedforward_channels = stage.mlp_ratio * stage.channels;
  for (std::int64_t i = 0; i < stage.num_layers; ++i) {
    x = nn::PvtEncoderLayer(w[1][static_cast<std::size_t>(i)], x, layer);
  }
  return spec.norm_after_stage ? nn::LayerNorm2d(w[2], x, eps) : x;
}

std::vector<Value> Pvt(const ConfigNode& config, const Weights& w, Value image,
                       const Version& version) {
  RequireImageChannels(config, "in_channels", image);
  const PvtSpec spec = ReadPvt(config, version);
  const std::size_t stages = spec.stages.size();
  const std::vector<std::int64_t> wanted =
      ReadOutIndices(config, {0, 1, 2, 3}, 0, static_cast<std::int64_t>(stages) - 1);
  std::vector<Value> features;
  Value x = image;
  for (std::size_t i = 0; i < stages; ++i) {
    x = Stage(w["layers"][i], x, spec, spec.stages[i]);
    if (std::count(wanted.begin(), wanted.end(), static_cast<std::int64_t>(i)) > 0) {
      features.push_back(x);
    }
  }
  return features;
}

std::vector<Value> PyramidVisionTransformer(const ConfigNode& config, const Weights& w,
                                            Value image) {
  return Pvt(config, w, image, {{4, 2, 2, 2}, {0, 0, 0, 0}, true, false, false});
}

std::vector<Value> PyramidVisionTransformerV2(const ConfigNode& config, const Weights& w,
                                              Value image) {
  return Pvt(config, w, image, {{7, 3, 3, 3}, {3, 1, 1, 1}, false, true, true});
}

constexpr std::array<Component<BackboneFunction>, 2> kBackbones = {
    {{"PyramidVisionTransformer", PyramidVisionTransformer},
     {"PyramidVisionTransformerV2", PyramidVisionTransformerV2}}};

}  // namespace

const Family kPvt = {kBackbones, {}, {}};

}  // namespace yoloport::models
