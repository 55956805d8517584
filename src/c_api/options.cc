#include "c_api/options.h"

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "yoloport/error.h"
#include "yoloport/text.h"

namespace yoloport::c_api {
namespace {

using Json = nlohmann::json;

// What a value must be, for messages.
template <typename T>
constexpr const char* kWhat = "a list";
template <>
constexpr const char* kWhat<bool> = "true or false";
template <>
constexpr const char* kWhat<std::string> = "a text";
template <>
constexpr const char* kWhat<int> = "a whole number";
template <>
constexpr const char* kWhat<std::int64_t> = "a whole number";
template <>
constexpr const char* kWhat<double> = "a number";

template <typename T>
bool IsA(const Json& value) {
  if constexpr (std::is_same_v<T, bool>) return value.is_boolean();
  if constexpr (std::is_integral_v<T>) return value.is_number_integer();
  if constexpr (std::is_floating_point_v<T>) return value.is_number();
  if constexpr (std::is_same_v<T, std::string>) return value.is_string();
  return value.is_array() || value.is_object();
}

[[noreturn]] void FailType(const std::string& name, const char* expected) {
  throw UsageError("options: '" + name + "' must be " + expected);
}

template <typename T>
T Read(const std::string& name, const Json& value) {
  if (!IsA<T>(value)) FailType(name, kWhat<T>);
  try {
    return value.get<T>();
  } catch (const Json::exception&) {  // a number or list within is of another type
    FailType(name, kWhat<T>);
  }
}

template <>
ResizeKind Read<ResizeKind>(const std::string& name, const Json& value) {
  if (value == "letterbox") return ResizeKind::kLetterbox;
  if (value == "stretch") return ResizeKind::kStretch;
  FailType(name, "\"letterbox\" or \"stretch\"");
}

// The options by name, and what sets each.
class Setters {
 public:
  template <typename T>
  Setters& Add(const char* name, T& target) {
    setters_[name] = [&target](const std::string& key, const Json& value) {
      target = Read<T>(key, value);
    };
    return *this;
  }
  template <typename T>
  Setters& Add(const char* name, std::optional<T>& target) {
    setters_[name] = [&target](const std::string& key, const Json& value) {
      target = Read<T>(key, value);
    };
    return *this;
  }

  void Apply(std::string_view text) const {
    const Json json = Json::parse(text, nullptr, false);
    if (!json.is_object()) {
      throw UsageError("options: not a JSON object",
                       "{\"name\": value, ...}, or nothing for the defaults");
    }
    std::vector<std::string> known;
    for (const auto& [name, setter] : setters_) known.push_back(name);
    for (const auto& [name, value] : json.items()) {
      const auto setter = setters_.find(name);
      if (setter == setters_.end()) {
        const std::string near = NearestName(name, known);
        throw UsageError("options: there is no option '" + Printable(name) + "'",
                         near.empty() ? "" : "did you mean " + near + "?");
      }
      if (!value.is_null()) setter->second(name, value);
    }
  }

 private:
  std::map<std::string, std::function<void(const std::string&, const Json&)>> setters_;
};

}  // namespace

void ReadExportOptions(std::string_view json, ExportOptions& options) {
  std::map<std::string, std::string> packages;
  Setters setters;
  setters.Add("cfg_options", options.cfg_options)
      .Add("packages", packages)
      .Add("height", options.height)
      .Add("width", options.width)
      .Add("batch", options.batch)
      .Add("dynamic_batch", options.dynamic_batch)
      .Add("dynamic_size", options.dynamic_size)
      .Add("input", options.input)
      .Add("input_layout", options.input_layout)
      .Add("input_color", options.input_color)
      .Add("half", options.half)
      .Add("opset", options.opset)
      .Add("backend", options.backend)
      .Add("layout", options.layout)
      .Add("model_only", options.model_only)
      .Add("pre_topk", options.pre_topk)
      .Add("keep_topk", options.keep_topk)
      .Add("iou_threshold", options.iou_threshold)
      .Add("score_threshold", options.score_threshold)
      .Add("min_box_size", options.min_box_size)
      .Add("class_agnostic", options.class_agnostic)
      .Add("runtime_thresholds", options.runtime_thresholds)
      .Add("from_test_cfg", options.from_test_cfg)
      .Add("strict", options.strict)
      .Add("legacy", options.legacy);
  setters.Apply(json);
  for (const auto& [name, folder] : packages) options.packages[name] = folder;
}

void ReadDetectorOptions(std::string_view json, DetectorOptions& options) {
  ModelDescription& model = options.model;
  Setters setters;
  setters.Add("score_threshold", options.score_threshold)
      .Add("runtime", options.runtime)
      .Add("threads", options.threads)
      .Add("streams", options.streams)
      .Add("precision", options.precision)
      .Add("device", options.device)
      .Add("batch", options.batch)
      .Add("rect", options.rect)
      .Add("iou_threshold", options.iou_threshold)
      .Add("class_agnostic", options.class_agnostic)
      .Add("pre_topk", options.pre_topk)
      .Add("keep_topk", options.keep_topk)
      .Add("multi_label", options.multi_label)
      .Add("type", model.type)
      .Add("height", model.height)
      .Add("width", model.width)
      .Add("num_classes", model.num_classes)
      .Add("class_names", model.class_names)
      .Add("strides", model.strides)
      .Add("anchors", model.anchors)
      .Add("bins", model.bins)
      .Add("mean", model.mean)
      .Add("std", model.std)
      .Add("rgb", model.rgb)
      .Add("resize", model.resize)
      .Add("decoded", model.decoded);
  setters.Apply(json);
}

}  // namespace yoloport::c_api
