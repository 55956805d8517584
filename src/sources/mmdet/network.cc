#include "sources/mmdet/network.h"

#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "models/config_reading.h"
#include "models/model.h"
#include "sources/mmdet/heads.h"
#include "sources/mmdet/layers.h"

namespace yoloport::sources::mmdet {
namespace {

using checkpoint::Weights;
using config::ConfigNode;
using graph::Value;
using models::WithoutScope;

// Heads of MMDetection and MMRotate beside those of heads.h, and what they predict.
struct RefusedHead {
  const char* name;
  const char* what;
};
constexpr std::array<RefusedHead, 5> kRefusedHeads = {
    {{"RTMDetInsHead", "instance masks"},
     {"RTMDetInsSepBNHead", "instance masks"},
     {"RotatedRTMDetHead", "rotated boxes"},
     {"RotatedRTMDetSepBNHead", "rotated boxes"},
     {"RotatedRTMDetInsSepBNHead", "rotated boxes and masks"}}};

std::vector<Value> BuildBackbone(const ConfigNode& config, const Weights& w, Value image) {
  const std::string type = config["type"].AsString();
  const std::string name = WithoutScope(type);
  const bool is_own = models::ScopeOf(type) != "mmyolo";  // which has a CSPNeXt, too
  if (is_own && name == "CSPNeXt") return CspNext(config, w, image);
  if (is_own && name == "CSPDarknet") return CspDarknet(config, w, image);
  return models::FindBackbone(config)(config, w, image);
}

std::vector<Value> BuildNeck(const ConfigNode& config, const Weights& w,
                             const std::vector<Value>& features) {
  const std::string name = WithoutScope(config["type"].AsString());
  if (name == "CSPNeXtPAFPN") return CspNextPafpn(config, w, features);
  if (name == "YOLOXPAFPN") return YoloxPafpn(config, w, features);
  return models::FindNeck(config)(config, w, features);
}

const Head& FindHead(const ConfigNode& config) {
  const ConfigNode type = config["type"];
  const std::string name = WithoutScope(type.AsString());
  std::vector<std::string> known;
  for (const Head& head : Heads()) {
    if (head.name == name) return head;
    known.emplace_back(head.name);
  }
  for (const RefusedHead& each : kRefusedHeads) {
    if (each.name == name) {
      type.Fail(std::string(name) + " predicts " + each.what + ", which are not supported",
                "supported are heads that predict boxes: " + base::JoinText(known));
    }
  }
  type.Fail("unknown head " + base::Quote(name), base::KnownHint(name, known));
}

}  // namespace

graph::HeadOutput BuildDetector(const ConfigNode& model, const Weights& w, Value image,
                                graph::HeadMode mode) {
  // Training only, or read by others: how images are prepared and which thresholds apply.
  model.Ignore({"type", "train_cfg", "test_cfg", "data_preprocessor", "init_cfg", "use_syncbn"});
  const ConfigNode head = model["bbox_head"];
  const HeadFunction build_head = FindHead(head).build;
  std::vector<Value> features = BuildBackbone(model["backbone"], w["backbone"], image);
  const models::NeckList necks = models::Necks(model);
  for (std::size_t i = 0; i < necks.configs.size(); ++i) {
    const Weights weights = necks.is_sequence ? w["neck"][i] : w["neck"];
    features = BuildNeck(necks.configs[i], weights, features);
  }
  graph::HeadOutput output = build_head(head, w["bbox_head"], features, mode);
  model.RequireAllUsed();
  return output;
}

std::vector<double> Strides(const ConfigNode& model) {
  const ConfigNode head = model["bbox_head"];
  return FindHead(head).strides(head);
}

bool ClipsBoxes(const ConfigNode& model) {
  const auto coder = model["bbox_head"].Find("bbox_coder");  // YOLOX has none
  return coder && coder->IsDict() && coder->Get("clip_border", true);
}

void RefuseOldConfig(const ConfigNode& model) {
  for (const char* key : {"input_size", "random_size_range", "random_size_interval"}) {
    if (!model.Has(key)) continue;
    model[key].Fail("is a key of MMDetection 2, whose configs are not read",
                    "give the config of the same detector from MMDetection 3 with this checkpoint");
  }
}

}  // namespace yoloport::sources::mmdet
