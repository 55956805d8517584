// What the families share: reading styles and scalings from the config, stages of a backbone, the
// PAFPN topology, levels of a head.
#pragma once

#include <array>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "base/model_ranges.h"
#include "config/config.h"
#include "models/model.h"
#include "nn/style.h"

namespace yoloport {

// `widen_factor` or `deepen_factor`, 1 where the config gives none. Throws ConfigError unless it is
// more than 0 and at most kMaxFactor.
double ReadFactor(const ConfigNode& config, std::string_view key);

// The number at `node`. Throws ConfigError there unless it lies in `range`.
double NumberIn(const ConfigNode& node, const Range& range);

// The same for a key that may be missing or None.
double NumberIn(const ConfigNode& config, std::string_view key, double fallback,
                const Range& range);

// The same for whole numbers.
std::int64_t WholeNumberIn(const ConfigNode& config, std::string_view key, std::int64_t fallback,
                           const Range& range);

// mmyolo's make_divisible: channels times the factor, up to the next multiple of `divisor`.
std::int64_t MakeDivisible(double channels, double widen_factor, std::int64_t divisor = 8);

// mmyolo's make_round: a number of blocks times the factor, at least 1; 1 and 0 stay as they are.
std::int64_t MakeRound(std::int64_t blocks, double deepen_factor);

// Python's int(channels * factor).
std::int64_t Scaled(double channels, double factor);

// Python's round(): halves to the even neighbour.
std::int64_t RoundHalfEven(double value);

// `norm_cfg` and `act_cfg` of a component, or `defaults` where they are not given. Norms other than
// the BatchNorm family, and activations that are not known, are errors.
Style ReadStyle(const ConfigNode& config, const Style& defaults);
// mmyolo's own defaults: BN with eps 0.001, SiLU.
inline constexpr Style kYoloStyle = {{true, 1e-3}, {ActivationKind::kSilu}};

// `act_cfg`-like dict.
Activation ReadActivation(const ConfigNode& act);

// The list under `key`, each entry by make_divisible; or one number for `levels` levels.
std::vector<std::int64_t> ReadChannels(const ConfigNode& config, std::string_view key,
                                       double widen_factor, std::size_t levels);

// The same, but each entry by Python's int(channels * factor): not rounded to multiples of 8.
std::vector<std::int64_t> ReadScaledChannels(const ConfigNode& config, std::string_view key,
                                             double widen_factor, std::size_t levels);

// `num_classes`, which must be positive.
int ReadNumClasses(const ConfigNode& head_module);

// `type` of a sub-component must be one of `known` (without the package's prefix); else an error
// names them.
void RequireType(const ConfigNode& config, std::initializer_list<std::string_view> known);

// `conv_cfg` must not be given: every convolution is the plain one.
void RequireNoConvCfg(const ConfigNode& config);

// The name without the prefix of the package that registers it: "mmdet.Pad" is "Pad".
std::string WithoutScope(const std::string& type);

// The channels that the config counts on must be those that the features have.
void RequireChannels(const ConfigNode& config, const std::vector<std::int64_t>& channels,
                     const std::vector<graph::Value>& features);

// --- backbones ---

// A stage of a CSP backbone as MMYOLO's tables state it, before widening and deepening.
struct CspStage {
  double in_channels, out_channels;
  std::int64_t num_blocks;
  bool add_identity, use_spp;
};

using StemFunction = std::function<graph::Value(const Weights&, graph::Value)>;
// Builds stage `index` (0-based); `w` is the prefix `stageN`.
using StageFunction =
    std::function<graph::Value(const Weights& w, graph::Value x, std::size_t index)>;

// BaseBackbone: `stem`, `stage1` .. ; gives the outputs named by `out_indices` (0 is the stem).
// Reads the config's keys that all backbones share.
std::vector<graph::Value> RunStages(const ConfigNode& config, const Weights& w, graph::Value image,
                                    std::size_t stages, const StemFunction& stem,
                                    const StageFunction& stage);

// --- necks ---

// Builds the layer `index` of one of BaseYOLONeck's lists; `w` is its prefix.
using NeckLayer = std::function<graph::Value(const Weights& w, graph::Value x, std::size_t index)>;

// Joins, on the way down, the output of level `index` with the reduced feature maps of the levels
// below it; `w` is the prefix in upsample_layers.
using NeckFusion =
    std::function<graph::Value(const Weights& w, graph::Value high,
                               const std::vector<graph::Value>& reduced, std::size_t index)>;

// The layers of BaseYOLONeck by MMYOLO's names, indexed as there; one that is not set passes its
// input on.
struct PafpnLayers {
  NeckLayer reduce;      // index: level
  NeckLayer upsample;    // index: level whose output is enlarged; default nearest neighbour, twice
  NeckFusion fuse;       // in place of upsampling and concatenation, where it is set
  NeckLayer top_down;    // index: level from the top, counting down to 1
  NeckLayer downsample;  // index: level, from 0
  NeckLayer bottom_up;
  NeckLayer out;  // index: level
  bool upsample_feats_cat_first = true;
};

// BaseYOLONeck's way: reduce, top-down with upsampling, bottom-up with downsampling, out.
std::vector<graph::Value> Pafpn(const Weights& w, const std::vector<graph::Value>& features,
                                const PafpnLayers& layers);

// Builds a layer of `out_channels` on `x`.
using SizedLayer =
    std::function<graph::Value(const Weights& w, graph::Value x, std::int64_t out_channels)>;

// What the layers of a PAFPN of CSP layers are made of.
struct CspPafpnParts {
  SizedLayer csp;
  SizedLayer conv;        // 1 x 1, between the widths of two levels
  SizedLayer downsample;  // 3 x 3 of stride 2
};

// The necks of YOLOv5, RTMDet and YOLOX: the top level reduced to the width of the next, CSP layers
// both ways, each of the upper ones on the way down followed by a reduction. `channels`: of the
// levels. Nothing is set for `out`.
PafpnLayers CspPafpnLayers(const std::vector<std::int64_t>& channels, const CspPafpnParts& parts);

// The number of feature maps must be what the config is made for.
void RequireLevels(const ConfigNode& config, std::size_t expected, std::size_t actual);

// `upsample_cfg`, where given, must be the only one that MMYOLO's configs use: nearest neighbour,
// twice.
void RequireNearestUpsampling(const ConfigNode& config);

// --- heads ---

// The keys of a head that are about training, and `test_cfg`.
void IgnoreTrainingKeys(const ConfigNode& head);

// `bbox_coder`, where it is given, must be the head's own: `type`.
void RequireCoder(const ConfigNode& head, std::string_view type);

// Strides of the levels, x and y, from `featmap_strides` of the head module and `strides` of the
// prior generator, which must agree; `defaults` where neither is given.
std::vector<std::array<double, 2>> ReadStrides(const ConfigNode& head,
                                               const std::vector<double>& defaults);

// `num_base_priors` of a head without anchors must be 1.
void RequireOnePrior(const ConfigNode& head_module);

// `offset` of the head's MlvlPointGenerator.
double ReadPriorOffset(const ConfigNode& head, double default_offset);

// Adds a level without anchors to `output`: maps N x C x H x W of logits, boxes and, if there is
// one, objectness.
void AddPointLevel(HeadOutput& output, HeadMode mode, graph::Value classes, graph::Value boxes,
                   graph::Value objectness, std::array<double, 2> stride);

}  // namespace yoloport
