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

constexpr std::array kFamilies = {&kPpyoloe, &kRtmdet,   &kYolov5,      &kYolov6,      &kYolov7,
                                  &kYolov8,  &kYolox,    &kMmdetNecks,  &kResNet,      &kSwin,
                                  &kPvt,     &kConvNext, &kMobileNetV3, &kEfficientNet};

// What MMYOLO documents and nobody exports: names and why.
struct Refused {
  const char* name;
  const char* reason;
};
constexpr std::array<Refused, 1> kRefused = {
    {{"DyHead",
      "its deformable convolutions (DCNv2) are not an operator of ONNX before opset 19"}}};

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
  for (const Refused& each : kRefused) {
    if (each.name == name) type.Fail(base::Quote(name) + " is not supported: " + each.reason);
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

BackboneFunction FindBackbone(const ConfigNode& backbone) {
  return Find(backbone, &Family::backbones, "backbone");
}

NeckFunction FindNeck(const ConfigNode& neck) { return Find(neck, &Family::necks, "neck"); }

PointModuleFunction FindModule(const ConfigNode& module,
                               std::span<const Component<PointModuleFunction>> Family::*member) {
  return Find(module, member, "head module for a head without anchors");
}

AnchorModuleFunction FindModule(const ConfigNode& module,
                                std::span<const Component<AnchorModuleFunction>> Family::*member) {
  return Find(module, member, "head module for a head with anchors");
}

NeckList Necks(const ConfigNode& model) {
  const auto neck = model.Find("neck");
  if (!neck || neck->IsNone()) return {};
  NeckList necks = {.is_sequence = neck->IsList()};
  if (!necks.is_sequence) necks.configs.push_back(*neck);
  for (std::size_t i = 0; necks.is_sequence && i < neck->size(); ++i) {
    necks.configs.push_back((*neck)[i]);
  }
  return necks;
}

graph::HeadOutput BuildDetector(const ConfigNode& model, const checkpoint::Weights& w,
                                graph::Value image, graph::HeadMode mode) {
  RequireType(model, {"YOLODetector"});
  // Training only, or read by others: how images are prepared and which thresholds apply.
  model.Ignore({"train_cfg", "test_cfg", "data_preprocessor", "init_cfg", "use_syncbn"});
  const ConfigNode backbone = model["backbone"];
  const ConfigNode head = model["bbox_head"];
  const BackboneFunction build_backbone = FindBackbone(backbone);
  const NeckList necks = Necks(model);
  std::vector<NeckFunction> build_necks;
  for (const ConfigNode& neck : necks.configs) {
    build_necks.push_back(FindNeck(neck));
  }
  const auto build_head = Find(head, &Family::heads, "head");
  std::vector<graph::Value> features = build_backbone(backbone, w["backbone"], image);
  for (std::size_t i = 0; i < build_necks.size(); ++i) {
    const checkpoint::Weights weights = necks.is_sequence ? w["neck"][i] : w["neck"];
    features = build_necks[i](necks.configs[i], weights, features);
  }
  graph::HeadOutput output = build_head(head, w["bbox_head"], features, mode);
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
