#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/text.h"
#include "contract/model_card.h"
#include "onnx/outline/summary.h"
#include "yoloport/error.h"
#include "yoloport/inspect.h"

namespace yoloport {
namespace {

using Json = nlohmann::ordered_json;
using base::JoinText;
using onnx::outline::OnnxSummary;
using onnx::outline::OnnxValue;

// yoloport's own document in a file, or why there is none.
struct Document {
  std::optional<contract::ModelCard> info;
  std::string problem;
};

Document ReadDocument(const OnnxSummary& summary) {
  const auto found = summary.metadata.find("yoloport");
  if (found == summary.metadata.end()) return {std::nullopt, "not written by yoloport"};
  try {
    return {contract::ModelCardFromJson(found->second), ""};
  } catch (const ModelError& error) {
    return {std::nullopt, error.message()};
  }
}

std::int64_t NodeCount(const OnnxSummary& summary) {
  std::int64_t count = 0;
  for (const auto& [name, number] : summary.operators) count += number;
  return count;
}

// --- JSON ---

Json ExtentsJson(const std::vector<std::string>& extents) {
  Json json = Json::array();
  for (const std::string& extent : extents) {
    const bool is_number = extent.find_first_not_of("0123456789") == std::string::npos &&
                           extent.size() < 19 && !extent.empty();
    json.push_back(is_number ? Json(std::stoll(extent)) : Json(extent));
  }
  return json;
}

Json ValuesJson(const std::vector<OnnxValue>& values) {
  Json json = Json::array();
  for (const OnnxValue& value : values) {
    Json entry = {
        {"name", value.name}, {"dtype", value.type}, {"shape", ExtentsJson(value.extents)}};
    if (value.optional) entry["optional"] = true;
    json.push_back(entry);
  }
  return json;
}

std::string ModelJson(const std::filesystem::path& path, const OnnxSummary& summary,
                      const Document& document) {
  Json json;
  json["file"] = path.native();
  json["bytes"] = summary.bytes;
  json["producer"] = summary.producer;
  json["ir_version"] = summary.ir_version;
  json["opsets"] = summary.opsets;
  json["inputs"] = ValuesJson(summary.inputs);
  json["outputs"] = ValuesJson(summary.outputs);
  json["operators"] = summary.operators;
  json["weights"] = summary.weights;
  json["yoloport"] = document.info ? Json::parse(contract::ToJson(*document.info)) : Json();
  if (!document.info) json["problem"] = document.problem;
  auto others = summary.metadata;  // at once: ordered_json looks each key up one by one
  others.erase("yoloport");
  json["metadata"] = others;
  return base::WithEscapedControls(json.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

// --- text ---

std::string Unquoted(const std::string& text, std::size_t limit = 200) {
  const std::string quoted = base::Quote(text, limit);
  return quoted.substr(1, quoted.size() - 2);
}

void AddLine(std::string& text, std::string_view what, const std::string& value) {
  if (!value.empty()) text += fmt::format("{:<12}{}\n", what, value);
}

std::string ValueText(const OnnxValue& value) {
  std::string text = Unquoted(value.name) + " " + (value.type.empty() ? "?" : value.type);
  for (std::size_t i = 0; i < value.extents.size(); ++i) {
    text += (i == 0 ? " " : " x ") + Unquoted(value.extents[i]);
  }
  return value.optional ? text + " (optional)" : text;
}

void AddValues(std::string& text, std::string_view what, const std::vector<OnnxValue>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    AddLine(text, i == 0 ? what : "", ValueText(values[i]));
  }
}

std::string Numbers(const std::array<float, 3>& values) {
  return fmt::format("{:.6g} {:.6g} {:.6g}", values[0], values[1], values[2]);
}

std::string PreprocessText(const Preprocess& preprocess) {
  const bool letterbox = preprocess.resize == ResizeKind::kLetterbox;
  std::string text = fmt::format("{} to {} x {}", letterbox ? "letterbox" : "stretch",
                                 preprocess.height, preprocess.width);
  if (preprocess.long_edge > 0) {
    text += fmt::format(", edges up to {} and {}", preprocess.long_edge, preprocess.short_edge);
  }
  if (letterbox) {
    text += fmt::format(", padding {}{}", Numbers(preprocess.pad_value),
                        preprocess.pad_domain == PadDomain::kInput ? " (normalized)" : "");
  }
  if (preprocess.orientation == Orientation::kAsStored) text += ", not turned by EXIF";
  text += preprocess.rgb ? ", RGB" : ", BGR";
  if (preprocess.type == InputType::kUint8) {
    return text + (preprocess.layout == InputLayout::kNhwc ? ", bytes, NHWC" : ", bytes, NCHW");
  }
  return text + fmt::format(", mean {}, std {}", Numbers(preprocess.mean), Numbers(preprocess.std));
}

std::string ThresholdsText(const contract::ModelCard& card) {
  const contract::NmsPolicy& nms = card.nms;
  const std::string size =
      nms.min_box_size < 0 ? "" : fmt::format(", min box size {:.6g}", nms.min_box_size);
  // What a network needs that gives one box an object.
  const std::string iou = nms.iou_threshold < 1 || card.runtime_thresholds
                              ? fmt::format("IoU {:.6g}", nms.iou_threshold)
                              : "no suppression";
  return fmt::format("score {:.6g}, {}, pre-topk {}, keep-topk {}{}{}{}{}", nms.score_threshold,
                     iou, nms.pre_topk, nms.keep_topk, size,
                     nms.multi_label ? "" : ", one class a box",
                     nms.class_agnostic ? ", class-agnostic" : "",
                     card.runtime_thresholds ? " (score, IoU, class-agnosticism: inputs)" : "");
}

std::string LayoutText(contract::OutputLayout layout) {
  if (layout == contract::OutputLayout::kMmyolo) return "";
  return fmt::format(", layout {}", contract::NameOf(layout));
}

void AddInfo(std::string& text, const contract::ModelCard& info) {
  AddLine(text, "family", Unquoted(info.type) + " (" + Unquoted(info.detector) + ")");
  AddLine(text, "backend",
          Unquoted(info.backend) + (info.end_to_end ? ", end to end" : ", raw heads") +
              LayoutText(info.layout));
  if (info.end_to_end) AddLine(text, "thresholds", ThresholdsText(info));
  AddLine(text, "recipe", PreprocessText(info.preprocess));
  std::vector<std::string> classes;
  for (const std::string& name : info.classes) classes.push_back(Unquoted(name));
  AddLine(text, "classes", fmt::format("{}: {}", classes.size(), JoinText(classes, 100)));
  std::vector<std::string> strides;
  for (const auto& [x, y] : info.strides) {
    strides.push_back(x == y ? std::to_string(x) : fmt::format("{}x{}", x, y));
  }
  AddLine(text, "strides", JoinText(strides));
  if (info.checkpoint) AddLine(text, "checkpoint", Unquoted(info.checkpoint->name));
  if (info.config) AddLine(text, "config", Unquoted(info.config->name));
}

std::string ModelText(const std::filesystem::path& path, const OnnxSummary& summary,
                      const Document& document) {
  std::string text;
  AddLine(text, "file", Unquoted(path.native(), 4096));
  AddLine(text, "size", base::SizeText(summary.bytes));
  AddLine(text, "producer", Unquoted(summary.producer));
  std::vector<std::string> opsets;
  for (const auto& [domain, version] : summary.opsets) {
    opsets.push_back(Unquoted(domain) + " " + std::to_string(version));
  }
  AddLine(text, "opset", JoinText(opsets));
  if (document.info) {
    AddInfo(text, *document.info);
  } else {
    AddLine(text, "note", document.problem);
  }
  AddValues(text, "input", summary.inputs);
  AddValues(text, "output", summary.outputs);
  std::vector<std::string> weights;
  for (const auto& [type, count] : summary.weights) {
    weights.push_back(fmt::format("{} {}", count, type));
  }
  AddLine(text, "weights", JoinText(weights));
  const std::int64_t nodes = NodeCount(summary);
  text += fmt::format("\n{} node{}\n", nodes, nodes == 1 ? "" : "s");
  for (const auto& [name, count] : summary.operators) {
    text += fmt::format("  {:<24}{}\n", Unquoted(name), count);
  }
  return text;
}

}  // namespace

std::string InspectModel(const std::filesystem::path& path, bool json) {
  const OnnxSummary summary = onnx::outline::ReadOnnxSummary(path);
  const Document document = ReadDocument(summary);
  return json ? ModelJson(path, summary, document) : ModelText(path, summary, document);
}

}  // namespace yoloport
