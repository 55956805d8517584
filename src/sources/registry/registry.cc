#include "sources/registry/registry.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "base/text.h"
#include "checkpoint/other_networks.h"
#include "models/config_reading.h"
#include "sources/mmdet/mmdet.h"
#include "sources/mmengine/config_source.h"
#include "sources/mmyolo/mmyolo.h"
#include "sources/ultralytics/ultralytics.h"
#include "sources/yolov6/yolov6.h"
#include "sources/yolov7/yolov7.h"
#include "sources/yolox/yolox.h"
#include "yoloport/error.h"

namespace yoloport::sources::registry {
namespace {

using checkpoint::Checkpoint;
using config::ConfigNode;
using mmengine::TrainedDetector;

// A framework whose checkpoints tell their network themselves.
struct OwnSource {
  const char* name;
  bool (*is_own)(const Checkpoint& checkpoint);
  std::string (*name_of)(const Checkpoint& checkpoint);  // "YOLOv8n"
  std::unique_ptr<ModelSource> (*open)(const ExportOptions& options, const Checkpoint& checkpoint,
                                       std::vector<std::string>& notes);
};

// One whose checkpoints hold the whole network.
template <auto kIsOwn, auto kNameOf, auto kOpen>
constexpr OwnSource OfModules(const char* name) {
  return {name,
          [](const Checkpoint& checkpoint) {
            return checkpoint.modules() != nullptr && kIsOwn(*checkpoint.modules());
          },
          [](const Checkpoint& checkpoint) { return kNameOf(*checkpoint.modules()); },
          [](const ExportOptions&, const Checkpoint& checkpoint, std::vector<std::string>& notes) {
            return kOpen(checkpoint, notes);
          }};
}

constexpr std::array<OwnSource, 5> kOwnSources = {
    OfModules<ultralytics::IsUltralytics, ultralytics::NameOf, ultralytics::OpenUltralytics>(
        "Ultralytics"),
    OfModules<yolov6::IsYolov6, yolov6::NameOf, yolov6::OpenYolov6>("YOLOv6 repository"),
    OfModules<yolov7::IsYolov7, yolov7::NameOf, yolov7::OpenYolov7>("YOLOv7 repository"),
    // Whose classes have the names that those of YOLOv7's have, too.
    OfModules<ultralytics::IsYolov5, ultralytics::NameOf, ultralytics::OpenYolov5>(
        "YOLOv5 repository"),
    {"YOLOX repository", yolox::IsYolox, yolox::NameOf, yolox::OpenYolox}};

const OwnSource* FindSource(const Checkpoint& checkpoint) {
  const auto* const found =
      std::find_if(kOwnSources.begin(), kOwnSources.end(),
                   [&](const OwnSource& source) { return source.is_own(checkpoint); });
  return found == kOwnSources.end() ? nullptr : found;
}

// What the options say about a config, where the checkpoint describes its own network.
void RefuseConfig(const ExportOptions& options, const OwnSource& source,
                  const Checkpoint& checkpoint) {
  const std::string what = options.config.empty() ? "--cfg-options" : "the config";
  if (options.config.empty() && options.cfg_options.empty()) return;
  throw UsageError(base::Quote(options.checkpoint.native()) + ": is a " +
                       source.name_of(checkpoint) + " (" + source.name +
                       "), whose checkpoints describe their own network",
                   "leave " + what + " out");
}

void RefuseLegacy(const ExportOptions& options, const OwnSource* source) {
  if (!options.legacy || (source != nullptr && source->is_own == yolox::IsYolox)) return;
  throw UsageError(base::Quote(options.checkpoint.native()) +
                       ": is not a checkpoint of YOLOX's repository, which --legacy is about",
                   "leave --legacy out");
}

// A framework whose detectors are known, and trained with MMEngine, so that a config tells which it
// is.
struct Source {
  const char* name;
  bool (*is_own)(const ConfigNode& model);
  std::unique_ptr<ModelSource> (*open)(TrainedDetector trained);
  // A part of a key that only its checkpoints have, where these carry no config.
  std::array<std::string_view, 2> keys;
};

constexpr std::array<Source, 2> kSources = {
    {{"MMYOLO", mmyolo::IsMmyolo, mmyolo::OpenMmyolo, {"bbox_head.head_module.", ""}},
     {"MMDetection",
      mmdet::IsMmdet,
      mmdet::OpenMmdet,
      {"bbox_head.rtm_cls.", "bbox_head.multi_level_conv_cls."}}}};

const Source* FindSource(const ConfigNode& model) {
  const auto found = std::find_if(kSources.begin(), kSources.end(),
                                  [&](const Source& source) { return source.is_own(model); });
  return found == kSources.end() ? nullptr : found;
}

// A whole network of no source is of use with a config only, as the weights of what that describes.
void RefuseUnknownModel(const ExportOptions& options, const Checkpoint& checkpoint) {
  const bool has_config = !options.config.empty() || !checkpoint.meta().config_text.empty();
  if (checkpoint.modules() == nullptr || has_config) return;
  const std::string name(checkpoint.modules()->root.class_name());
  std::string other = checkpoint::NameOfOtherNetwork(checkpoint.tensors());
  if (other.empty()) other = checkpoint::NameOfOtherModel(name);
  if (!other.empty()) {
    throw CheckpointError(base::Quote(checkpoint.path().native()) + ": holds " + other + " (" +
                              base::Quote(name) + "), which is not supported",
                          "docs/sources.md lists the networks that are");
  }
  std::vector<std::string> known;
  for (const OwnSource& source : kOwnSources) known.emplace_back(source.name);
  throw CheckpointError(base::Quote(checkpoint.path().native()) +
                            ": holds a whole model, of the class " + base::Quote(name) +
                            ", which is not known",
                        "known are models of " + base::JoinText(known) +
                            "; a state_dict of MMYOLO or MMDetection needs its config");
}

}  // namespace

std::unique_ptr<ModelSource> OpenSource(const ExportOptions& options, const Checkpoint& checkpoint,
                                        std::vector<std::string>& notes) {
  const OwnSource* own = FindSource(checkpoint);
  RefuseLegacy(options, own);
  if (own != nullptr) {
    RefuseConfig(options, *own, checkpoint);
    return own->open(options, checkpoint, notes);
  }
  RefuseUnknownModel(options, checkpoint);
  TrainedDetector trained = mmengine::ReadTrained(options, checkpoint, notes);
  const ConfigNode& model = trained.detector.model;
  if (const Source* source = FindSource(model)) return source->open(std::move(trained));
  const std::string type = models::WithoutScope(model["type"].AsString());
  if (type.find("YOLOWorld") != type.npos) {
    model["type"].Fail("YOLO-World is not supported: its classes are words that are given later");
  }
  const std::vector<std::string> known = {"YOLODetector", "RTMDet", "YOLOX"};
  model["type"].Fail("unknown detector " + base::Quote(type), base::KnownHint(type, known));
}

bool NeedsNoConfig(const Checkpoint& checkpoint) { return FindSource(checkpoint) != nullptr; }

std::string OriginOf(const config::Config& config, const config::ConfigOptions& options) {
  try {
    std::vector<std::string> notes;
    const ConfigNode model = mmengine::FindDetector(config.root()["model"], options, notes).model;
    const Source* source = FindSource(model);
    if (source == nullptr) return "";
    return std::string(source->name) + ": " + models::WithoutScope(model["type"].AsString());
  } catch (const ConfigError&) {
    return "";  // it describes no detector, or none that is known; exporting says why
  }
}

std::string OriginOf(const Checkpoint& checkpoint) {
  if (const OwnSource* own = FindSource(checkpoint)) {
    return std::string(own->name) + ": " + own->name_of(checkpoint);
  }
  if (!checkpoint.meta().config_text.empty()) {
    try {
      return OriginOf(mmengine::ConfigInside(checkpoint));
    } catch (const ConfigError&) {  // NOLINT(bugprone-empty-catch): its keys are asked below
    }
  }
  for (const Source& source : kSources) {
    for (const std::string_view part : source.keys) {
      if (part.empty()) continue;
      const bool has =
          std::any_of(checkpoint.tensors().begin(), checkpoint.tensors().end(),
                      [&](const auto& tensor) { return tensor.key.find(part) != tensor.key.npos; });
      if (has) return source.name;
    }
  }
  return "";
}

}  // namespace yoloport::sources::registry
