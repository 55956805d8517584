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
  // The type of a detector with one of these heads, where it depends on more than the head.
  std::string (*type)(const config::ConfigNode& model) = nullptr;
};

// All families: the one table of what is known.
std::span<const Family* const> Families();

// Builds `model` (the value of that name in the config) on `image`, taking weights from `w`.
// Throws ConfigError where the config names something unknown, or has a key that would change the
// network and is not understood.
graph::HeadOutput BuildDetector(const config::ConfigNode& model, const checkpoint::Weights& w,
                                graph::Value image, graph::HeadMode mode);

// The largest stride that `model` states for its head: height and width of an image must be
// multiples.
std::int64_t LargestStride(const config::ConfigNode& model);

}  // namespace yoloport::models
