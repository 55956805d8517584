// From a config's `model` dict and a checkpoint to a graph.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "checkpoint/weights.h"
#include "config/config.h"
#include "graph/graph.h"
#include "graph/head.h"
#include "nn/folded_conv.h"

namespace yoloport::models {

// A backbone: image (N x 3 x H x W) to one feature map per entry of `out_indices`.
using BackboneFunction = std::vector<graph::Value> (*)(const config::ConfigNode& config,
                                                       const checkpoint::Weights& w,
                                                       graph::Value image);
// A neck: feature maps to feature maps.
using NeckFunction = std::vector<graph::Value> (*)(const config::ConfigNode& config,
                                                   const checkpoint::Weights& w,
                                                   const std::vector<graph::Value>& features);
using HeadFunction = graph::HeadOutput (*)(const config::ConfigNode& config,
                                           const checkpoint::Weights& w,
                                           const std::vector<graph::Value>& features,
                                           graph::HeadMode mode);

// What a head module without anchors predicts for a level: maps N x C x H x W of logits, boxes and,
// if there is one, objectness.
struct PointLevel {
  graph::Value classes;
  graph::Value boxes;  // 4 * bins channels
  graph::Value objectness;
  int bins = 1;  // of the distribution over a side's distances
};
// Such a module: hands on its levels one by one. `w`: the weights of `head_module`.
using PointModuleFunction = void (*)(const config::ConfigNode& module, const checkpoint::Weights& w,
                                     const std::vector<graph::Value>& features,
                                     const std::function<void(const PointLevel&)>& add);

// What a head module with anchors predicts for a level: a 1 x 1 convolution called `name` on `x`.
struct AnchorLevel {
  graph::Value x;
  nn::FoldedConv conv;
  std::string name;
};
using AnchorModuleFunction = void (*)(const config::ConfigNode& module,
                                      const checkpoint::Weights& w,
                                      const std::vector<graph::Value>& features,
                                      std::int64_t out_channels,
                                      const std::function<void(AnchorLevel)>& add);

// A component under the name that configs give it.
template <typename Function>
struct Component {
  const char* name;
  Function build;
};

// What one file of src/models brings.
struct Family {
  std::span<const Component<BackboneFunction>> backbones;
  std::span<const Component<NeckFunction>> necks;
  std::span<const Component<HeadFunction>> heads;
  std::span<const Component<PointModuleFunction>> point_modules = {};
  std::span<const Component<AnchorModuleFunction>> anchor_modules = {};
  // The type of a detector with one of these heads, where it depends on more than the head.
  std::string (*type)(const config::ConfigNode& model) = nullptr;
};

// All families: the one table of what is known.
std::span<const Family* const> Families();

// The backbone that `backbone` names by its `type`. Throws ConfigError where it is unknown.
BackboneFunction FindBackbone(const config::ConfigNode& backbone);

// The same for a neck.
NeckFunction FindNeck(const config::ConfigNode& neck);

// The head module that `module` names by its `type`, of any family. Throws ConfigError where it is
// unknown, or one of the other kind.
PointModuleFunction FindModule(const config::ConfigNode& module,
                               std::span<const Component<PointModuleFunction>> Family::*member);
AnchorModuleFunction FindModule(const config::ConfigNode& module,
                                std::span<const Component<AnchorModuleFunction>> Family::*member);

// `neck` of a model: one, none, or a list of which each takes what the one before it gives.
struct NeckList {
  bool is_sequence = false;  // the checkpoint numbers them
  std::vector<config::ConfigNode> configs = {};
};
NeckList Necks(const config::ConfigNode& model);

// Builds `model` (the value of that name in the config) on `image`, taking weights from `w`.
// Throws ConfigError where the config names something unknown, or has a key that would change the
// network and is not understood.
graph::HeadOutput BuildDetector(const config::ConfigNode& model, const checkpoint::Weights& w,
                                graph::Value image, graph::HeadMode mode);

// The largest stride that `model` states for its head: height and width of an image must be
// multiples.
std::int64_t LargestStride(const config::ConfigNode& model);

}  // namespace yoloport::models
