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

namespace yoloport {

// What a detection head gives. `head` always tells how its output is to be decoded; its levels hold
// values only where the graph goes on with decoding, `raw` only where it ends with the head.
struct HeadOutput {
  // easydeploy's names: yolov5 yolox yolov6 ppyoloe ppyoloep yolov7 rtmdet yolov8
  std::string type;
  graph::DetectionHead head;
  // Per level N x (classes, boxes, objectness) x H x W: easydeploy's layout.
  std::vector<graph::Value> raw;
};

// What is asked of a head: levels to decode in a layout, or its raw outputs.
using HeadMode = std::optional<graph::HeadLayout>;
inline constexpr HeadMode kRawHead = std::nullopt;

// A backbone: image (N x 3 x H x W) to one feature map per entry of `out_indices`.
using BackboneFunction = std::vector<graph::Value> (*)(const ConfigNode& config, const Weights& w,
                                                       graph::Value image);
// A neck: feature maps to feature maps.
using NeckFunction = std::vector<graph::Value> (*)(const ConfigNode& config, const Weights& w,
                                                   const std::vector<graph::Value>& features);
using HeadFunction = HeadOutput (*)(const ConfigNode& config, const Weights& w,
                                    const std::vector<graph::Value>& features, HeadMode mode);

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
  std::string (*type)(const ConfigNode& model) = nullptr;
};

// All families: the one table of what is known.
std::span<const Family* const> Families();

// Builds `model` (the value of that name in the config) on `image`, taking weights from `w`.
// Throws ConfigError where the config names something unknown, or has a key that would change the
// network and is not understood.
HeadOutput BuildDetector(const ConfigNode& model, const Weights& w, graph::Value image,
                         HeadMode mode);

// The largest stride that `model` states for its head: height and width of an image must be
// multiples.
std::int64_t LargestStride(const ConfigNode& model);

}  // namespace yoloport
