#include "models/anchor_head.h"

#include <algorithm>

#include "base/text.h"
#include "contract/model_types.h"
#include "graph/ops.h"
#include "models/config_reading.h"
#include "models/head_levels.h"

namespace yoloport::models {
namespace {

using Anchors = std::vector<std::vector<std::array<double, 2>>>;
using config::ConfigNode;

Anchors DefaultAnchors() { return contract::DefaultAnchors(*contract::FindModelType("yolov5")); }

Anchors ReadAnchors(const ConfigNode& generator) {
  const auto sizes = generator.Find("base_sizes");
  if (!sizes) return DefaultAnchors();
  Anchors anchors(sizes->size());
  for (std::size_t level = 0; level < anchors.size(); ++level) {
    const ConfigNode list = (*sizes)[level];
    for (std::size_t i = 0; i < list.size(); ++i) {
      const ConfigNode size = list[i];
      if (size.AsDoubles().size() != 2) size.Fail("an anchor is (width, height)");
      anchors[level].push_back(
          {NumberIn(size[0], base::kAnchorRange), NumberIn(size[1], base::kAnchorRange)});
    }
  }
  return anchors;
}

// The channels that hold the attributes `first` .. `last - 1` of every anchor, in the order that
// PositionsOf() wants.
std::vector<std::int64_t> Channels(const AnchorHead& head, std::int64_t first, std::int64_t last,
                                   graph::HeadLayout layout) {
  const std::int64_t columns = last - first;
  std::vector<std::int64_t> order;
  for (std::int64_t i = 0; i < head.num_anchors * columns; ++i) {
    const bool anchor_outside = layout == graph::HeadLayout::kPositionsFirst;
    const std::int64_t anchor = anchor_outside ? i / columns : i % head.num_anchors;
    const std::int64_t attribute = first + (anchor_outside ? i % columns : i / head.num_anchors);
    order.push_back(anchor * (5 + head.num_classes) + attribute);
  }
  return order;
}

}  // namespace

AnchorHead ReadAnchorHead(const ConfigNode& config, std::size_t levels) {
  const ConfigNode module = config["head_module"];
  AnchorHead head;
  head.num_classes = ReadNumClasses(module);
  head.num_anchors = module.Get("num_base_priors", std::int64_t{3});
  head.strides = ReadStrides(config, {8, 16, 32});
  head.anchors = DefaultAnchors();
  if (const auto generator = config.Find("prior_generator")) {
    RequireType(*generator, {"YOLOAnchorGenerator"});
    head.anchors = ReadAnchors(*generator);
  }
  RequireLevels(config, head.strides.size(), levels);
  RequireLevels(config, head.anchors.size(), levels);
  for (const auto& list : head.anchors) {
    if (static_cast<std::int64_t>(list.size()) != head.num_anchors) {
      module.Fail("num_base_priors is " + std::to_string(head.num_anchors) + " but a level has " +
                  std::to_string(list.size()) + " anchors");
    }
  }
  IgnoreTrainingKeys(config);
  RequireCoder(config, "YOLOv5BBoxCoder");
  return head;
}

graph::HeadOutput StartAnchorOutput(const AnchorHead& head, std::string type) {
  graph::HeadOutput output;
  output.type = std::move(type);
  output.head.spec.coding = contract::BoxCoding::kAnchor;
  output.head.spec.num_classes = static_cast<int>(head.num_classes);
  output.head.spec.objectness = true;
  return output;
}

graph::HeadOutput BuildAnchorHead(const ConfigNode& config, const checkpoint::Weights& w,
                                  const std::vector<graph::Value>& features, graph::HeadMode mode,
                                  std::string type) {
  const ConfigNode module = config["head_module"];
  const auto build = FindModule(module, &Family::anchor_modules);
  module.Ignore({"init_cfg"});
  const AnchorHead head = ReadAnchorHead(config, features.size());
  graph::HeadOutput output = StartAnchorOutput(head, std::move(type));
  build(module, w["head_module"], features, head.OutputChannels(), [&](AnchorLevel level) {
    AddAnchorLevel(output, mode, head, level.x, std::move(level.conv), level.name);
  });
  return output;
}

void AddAnchorLevel(graph::HeadOutput& output, graph::HeadMode mode, const AnchorHead& head,
                    graph::Value feature, nn::FoldedConv conv, const std::string& name) {
  const std::size_t index = output.head.levels.size();
  graph::HeadLevel level;
  if (mode == graph::kRawHead) {
    output.raw.push_back(nn::Emit(feature, std::move(conv), {}, name));
  } else {
    const graph::NameScope scope(feature.graph(), name);
    const graph::HeadLayout layout = *mode;
    const auto positions = [&](std::int64_t first, std::int64_t last, const std::string& what) {
      nn::FoldedConv part = nn::WithOutputs(conv, Channels(head, first, last, layout));
      return graph::PositionsOf(nn::Emit(feature, std::move(part), {}, name + what), last - first,
                                layout);
    };
    level.classes = positions(5, 5 + head.num_classes, ".classes");
    // Split and not two Slices: OpenVINO drops a Slice from 0 before a GatherElements, whatever its
    // axis.
    const std::vector<graph::Value> parts =
        graph::Split(positions(0, 5, ".boxes"), 3 - graph::PositionAxis(layout), {4, 1});
    level.boxes = parts[0];
    level.objectness = parts[1];
    level.feature = feature;
    output.head.layout = layout;
  }
  output.head.spec.levels.push_back({head.strides[index], head.anchors[index]});
  output.head.levels.push_back(level);
}

}  // namespace yoloport::models
