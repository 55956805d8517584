#include "contract/model_card.h"

#include <nlohmann/json.hpp>
#include <span>

#include "base/number_text.h"
#include "contract/model_card_names.h"
#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::contract {
namespace {

using Json = nlohmann::ordered_json;
using namespace metadata;  // NOLINT: its names alone are meant

// The double whose shortest decimal is `value`'s: 103.53F becomes 103.53, not 103.52999877929688.
double Shortest(float value) {
  return ParseNumber<double>(base::NumberText(value)).value_or(value);
}

Json Triple(const std::array<float, 3>& values) {
  return {Shortest(values[0]), Shortest(values[1]), Shortest(values[2])};
}

Json PreprocessJson(const Preprocess& preprocess) {
  Json json;
  json["height"] = preprocess.height;
  json["width"] = preprocess.width;
  json["resize"] = kResizeNames[static_cast<int>(preprocess.resize)];
  json["shrink"] = NameOf(preprocess.shrink);
  json["enlarge"] = NameOf(preprocess.enlarge);
  json["rounding"] = kRoundingNames[static_cast<int>(preprocess.rounding)];
  json["allow_scale_up"] = preprocess.allow_scale_up;
  // What few configs ask for is left out elsewhere, so that older readers take the file.
  if (preprocess.long_edge > 0) {
    json["long_edge"] = preprocess.long_edge;
    json["short_edge"] = preprocess.short_edge;
  }
  json["pad_side"] = kPadSideNames[static_cast<int>(preprocess.pad_side)];
  if (preprocess.pad_to != PadTo::kStride) {
    json["pad_to"] = kPadToNames[static_cast<int>(preprocess.pad_to)];
  }
  if (preprocess.pad_domain != PadDomain::kPixel) {
    json["pad_domain"] = kPadDomainNames[static_cast<int>(preprocess.pad_domain)];
  }
  json["pad_value"] = Triple(preprocess.pad_value);
  if (preprocess.half_padding) json["half_padding"] = true;
  if (preprocess.one_scale) json["one_scale"] = true;
  if (preprocess.orientation != Orientation::kUpright) {
    json["orientation"] = kOrientationNames[static_cast<int>(preprocess.orientation)];
  }
  json["rgb"] = preprocess.rgb;
  json["mean"] = Triple(preprocess.mean);
  json["std"] = Triple(preprocess.std);
  json["type"] = kInputTypeNames[static_cast<int>(preprocess.type)];
  json["layout"] = kInputLayoutNames[static_cast<int>(preprocess.layout)];
  if (preprocess.channels != 3) json["channels"] = preprocess.channels;
  return json;
}

Json ThresholdsJson(const ModelCard& card) {
  Json json;
  json["score"] = card.nms.score_threshold;
  json["iou"] = card.nms.iou_threshold;
  json["pre_topk"] = card.nms.pre_topk;
  json["keep_topk"] = card.nms.keep_topk;
  json["class_agnostic"] = card.nms.class_agnostic;
  json["multi_label"] = card.nms.multi_label;
  json["runtime"] = card.runtime_thresholds;
  if (card.nms.min_box_size >= 0) json["min_box_size"] = card.nms.min_box_size;
  return json;
}

Json SourceJson(const std::optional<SourceFile>& source) {
  if (!source) return nullptr;
  Json json;
  json["name"] = source->name;
  json["sha256"] = source->sha256;
  return json;
}

}  // namespace

const char* NameOf(OutputLayout layout) {
  return kOutputLayoutNames[static_cast<std::size_t>(layout)];
}

std::span<const std::string_view> OutputNames(OutputLayout layout) {
  static constexpr std::string_view kMmyolo[] = {"num_dets", "boxes", "scores", "labels"};
  static constexpr std::string_view kUltralytics[] = {"output0"};
  static constexpr std::string_view kMmdeploy[] = {"dets", "labels"};
  static constexpr std::string_view kEfficientNms[] = {"num_detections", "detection_boxes",
                                                       "detection_scores", "detection_classes"};
  switch (layout) {
    case OutputLayout::kUltralytics:
      return kUltralytics;
    case OutputLayout::kMmdeploy:
      return kMmdeploy;
    case OutputLayout::kEfficientNms:
      return kEfficientNms;
    case OutputLayout::kMmyolo:
      break;
  }
  return kMmyolo;
}

const char* NameOf(Interpolation interpolation) {
  return kInterpolationNames[static_cast<std::size_t>(interpolation)];
}

std::string ToJson(const ModelCard& card) {
  Json json;
  json["format"] = kFormat;
  json["type"] = card.type;
  json["detector"] = card.detector;
  json["backend"] = card.backend;
  json["end_to_end"] = card.end_to_end;
  // Left out where it is the usual one, which every reader knows.
  if (card.layout != OutputLayout::kMmyolo) {
    json["layout"] = NameOf(card.layout);
  }
  json["batch"] = card.batch;
  json["classes"] = card.classes;
  json["palette"] = card.palette;
  json["strides"] = card.strides;
  json["anchors"] = card.anchors;
  json["prior_offset"] = card.prior_offset;
  json["reg_max"] = card.reg_max;
  json["recipe"] = PreprocessJson(card.preprocess);
  json["thresholds"] = ThresholdsJson(card);
  json["config"] = SourceJson(card.config);
  json["checkpoint"] = SourceJson(card.checkpoint);
  json["yoloport_version"] = card.yoloport_version;
  // Class names come from a pickle and may be any bytes; what is not UTF-8 becomes U+FFFD.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string ToCheckedJson(const ModelCard& card) {
  std::string text = ToJson(card);
  try {
    ModelCardFromJson(text);
  } catch (const ModelError& error) {
    throw ModelError("the file would not be read again: " + error.message(),
                     "this is a mistake in yoloport; please report it with the config");
  }
  return text;
}

}  // namespace yoloport::contract
