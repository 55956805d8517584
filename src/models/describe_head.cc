#include "models/describe_head.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "contract/model_types.h"
#include "models/anchor_head.h"
#include "models/config_reading.h"
#include "models/head_levels.h"
#include "models/model.h"

namespace yoloport::models {
namespace {

using config::ConfigNode;
using contract::BoxCoding;
using contract::ModelType;

struct NamedHead {
  const char* name;
  const char* type;  // easydeploy's
};
constexpr std::array<NamedHead, 7> kHeads = {{{"YOLOv5Head", "yolov5"},
                                              {"YOLOv6Head", "yolov6"},
                                              {"YOLOv7Head", "yolov7"},
                                              {"YOLOv8Head", "yolov8"},
                                              {"YOLOXHead", "yolox"},
                                              {"PPYOLOEHead", "ppyoloe"},
                                              {"RTMDetHead", "rtmdet"}}};

// A family may name its detectors by more than their head.
std::string TypeOf(const ConfigNode& model, const NamedHead& head) {
  for (const Family* family : Families()) {
    for (const auto& component : family->heads) {
      if (component.name == std::string_view(head.name) && family->type != nullptr) {
        return family->type(model);
      }
    }
  }
  return head.type;
}

// The row of a head of MMYOLO's, or null.
const NamedHead* FindHead(const ConfigNode& model) {
  const std::string name = WithoutScope(model["bbox_head"]["type"].AsString());
  const auto found = std::find_if(kHeads.begin(), kHeads.end(),
                                  [&](const NamedHead& head) { return name == head.name; });
  return found == kHeads.end() ? nullptr : found;
}

// Heads with anchors and heads without read different keys.
void RequireSameCoding(const ConfigNode& model, const ModelType& type) {
  const NamedHead* head = FindHead(model);
  if (head == nullptr) return;
  const ModelType& own = *contract::FindModelType(head->type);
  if (own.coding == type.coding) return;
  model["bbox_head"]["type"].Fail(
      std::string("boxes of this head are coded as those of ") + own.name + ", not of " + type.name,
      "leave --type out");
}

int ReadBins(const ConfigNode& module, const std::string& type) {
  if (type == "yolov6") return ReadYolov6Bins(module);
  if (type == "yolov8") return ReadYolov8Bins(module);
  return type == "ppyoloe" || type == "ppyoloep" ? ReadPpyoloeBins(module) : 1;
}

}  // namespace

HeadDescription DescribeHead(const ConfigNode& model) {
  if (const NamedHead* head = FindHead(model)) return DescribeHeadAs(model, TypeOf(model, *head));
  const ConfigNode type = model["bbox_head"]["type"];
  const std::string name = WithoutScope(type.AsString());
  std::vector<std::string> known;
  for (const NamedHead& head : kHeads) known.emplace_back(head.name);
  std::string hint = base::KnownHint(name, known);
  if (!hint.empty()) hint += "; ";
  type.Fail("unknown head " + base::Quote(name),
            hint + "if its boxes are coded as those of one of these, say so with --type");
}

HeadDescription DescribeHeadAs(const ConfigNode& model, const std::string& name) {
  const ModelType& type = *contract::FindModelType(name);
  RequireSameCoding(model, type);
  const ConfigNode config = model["bbox_head"];
  const ConfigNode module = config["head_module"];
  HeadDescription description;
  contract::RawHeadInfo& head = description.head;
  head = contract::RawHeadOfType(name, ReadNumClasses(module));
  const auto strides = ReadStrides(config, {8, 16, 32});
  for (const auto& [x, y] : strides) {
    head.strides.push_back({static_cast<int>(x), static_cast<int>(y)});
  }
  if (type.coding == BoxCoding::kAnchor) {
    head.anchors = ReadAnchorHead(config, strides.size()).anchors;
    head.prior_offset = contract::HeadSpec().prior_offset;  // means nothing to anchors
    return description;
  }
  RequireCoder(config,
               type.coding == BoxCoding::kCenterSize ? "YOLOXBBoxCoder" : "DistancePointBBoxCoder");
  RequireOnePrior(module);
  head.prior_offset = ReadPriorOffset(config, type.prior_offset);
  description.trained_bins = ReadBins(module, name);
  head.bins = name == "yolov6" ? 1 : description.trained_bins;
  return description;
}

}  // namespace yoloport::models
