#include <algorithm>
#include <array>

#include "base/text.h"
#include "models/config_reading.h"
#include "models/families.h"
#include "models/head_levels.h"
#include "models/model.h"

namespace yoloport::models {
namespace {

using config::ConfigNode;

constexpr std::array kFamilies = {&kPpyoloe, &kRtmdet, &kYolov5, &kYolov6,
                                  &kYolov7,  &kYolov8, &kYolox};

// The component that `config` names by its `type`, out of one member of all families.
template <typename Function>
Function Find(const ConfigNode& config, std::span<const Component<Function>> Family::*member,
              const std::string& what) {
  const ConfigNode type = config["type"];
  const std::string name = WithoutScope(type.AsString());
  std::vector<std::string> known;
  for (const Family* family : Families()) {
    for (const Component<Function>& component : family->*member) {
      if (component.name == name) return component.build;
      known.emplace_back(component.name);
    }
  }
  type.Fail("unknown " + what + " " + base::Quote(name), base::KnownHint(name, known));
}

// A family may name its detectors by more than their head.
void NameType(const ConfigNode& model, HeadFunction head, graph::HeadOutput& output) {
  for (const Family* family : Families()) {
    for (const Component<HeadFunction>& component : family->heads) {
      if (component.build == head && family->type) output.type = family->type(model);
    }
  }
}

}  // namespace

std::span<const Family* const> Families() { return kFamilies; }

PointModuleFunction FindModule(const ConfigNode& module,
                               std::span<const Component<PointModuleFunction>> Family::*member) {
  return Find(module, member, "head module for a head without anchors");
}

AnchorModuleFunction FindModule(const ConfigNode& module,
                                std::span<const Component<AnchorModuleFunction>> Family::*member) {
  return Find(module, member, "head module for a head with anchors");
}

graph::HeadOutput BuildDetector(const ConfigNode& model, const checkpoint::Weights& w,
                                graph::Value image, graph::HeadMode mode) {
  RequireType(model, {"YOLODetector"});
  // Training only, or read by others: how images are prepared and which thresholds apply.
  model.Ignore({"train_cfg", "test_cfg", "data_preprocessor", "init_cfg", "use_syncbn"});
  const ConfigNode backbone = model["backbone"];
  const ConfigNode neck = model["neck"];
  const ConfigNode head = model["bbox_head"];
  const auto build_backbone = Find(backbone, &Family::backbones, "backbone");
  const auto build_neck = Find(neck, &Family::necks, "neck");
  const auto build_head = Find(head, &Family::heads, "head");
  std::vector<graph::Value> features = build_backbone(backbone, w["backbone"], image);
  features = build_neck(neck, w["neck"], features);
  graph::HeadOutput output = build_head(head, w["bbox_head"], features, mode);
  output.head.layout = mode.value_or(output.head.layout);
  NameType(model, build_head, output);
  model.RequireAllUsed();
  return output;
}

std::int64_t LargestStride(const ConfigNode& model) {
  double largest = 1;
  for (const auto& [x, y] : ReadStrides(model["bbox_head"], {8, 16, 32}))
    largest = std::max({largest, x, y});
  return static_cast<std::int64_t>(largest);
}

}  // namespace yoloport::models
